//! The AWS-managed policies that are commonly attached to a function's role or to its deployer.

use crate::clock::Millis;
use crate::state::State;

/// ARN after `arn:aws:iam::aws:policy`, and the document.
pub(crate) const POLICIES: &[(&str, &str)] = &[
    (
        "/AdministratorAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "/PowerUserAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}"#,
    ),
    (
        "/ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:BatchGet*","dynamodb:Describe*","dynamodb:Get*","dynamodb:List*","dynamodb:Query","dynamodb:Scan","iam:Get*","iam:List*","iam:Simulate*","lambda:Get*","lambda:List*","logs:Describe*","logs:FilterLogEvents","logs:Get*","logs:List*","sts:GetCallerIdentity"],"Resource":"*"}]}"#,
    ),
    (
        "/IAMFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*"],"Resource":"*"}]}"#,
    ),
    (
        "/IAMReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:Simulate*"],"Resource":"*"}]}"#,
    ),
    (
        "/AmazonDynamoDBFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["dynamodb:*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/AmazonDynamoDBFullAccess_v2",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["dynamodb:*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/AmazonDynamoDBReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["dynamodb:BatchGetItem","dynamodb:Describe*","dynamodb:List*","dynamodb:GetItem","dynamodb:Query","dynamodb:Scan","dynamodb:PartiQLSelect"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/AWSLambda_FullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:ListRoles","lambda:*","logs:DescribeLogGroups"],"Resource":"*"},{"Effect":"Allow","Action":["iam:PassRole"],"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}},{"Effect":"Allow","Action":["logs:DescribeLogStreams","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/aws/lambda/*"}]}"#,
    ),
    (
        "/AWSLambda_ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:ListRoles","logs:DescribeLogGroups","lambda:Get*","lambda:List*"],"Resource":"*"},{"Effect":"Allow","Action":["logs:DescribeLogStreams","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/aws/lambda/*"}]}"#,
    ),
    (
        "/CloudWatchLogsFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*"],"Resource":"*"}]}"#,
    ),
    (
        "/CloudWatchLogsReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:Describe*","logs:Get*","logs:List*","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter","logs:FilterLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/AWSXRayDaemonWriteAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Resource":["*"]}]}"#,
    ),
    (
        "/service-role/AWSLambdaBasicExecutionRole",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/AWSLambdaDynamoDBExecutionRole",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator","dynamodb:ListStreams","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/AWSLambdaVPCAccessExecutionRole",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DeleteNetworkInterface","ec2:AssignPrivateIpAddresses","ec2:UnassignPrivateIpAddresses"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/AWSLambdaRole",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["*"]}]}"#,
    ),
];

const PREFIX: &str = "arn:aws:iam::aws:policy";

/// The document of an AWS-managed policy, if the local cloud has that policy.
pub(crate) fn document(arn: &str) -> Option<&'static str> {
    let tail = arn.strip_prefix(PREFIX)?;
    POLICIES
        .iter()
        .find(|(name, _)| *name == tail)
        .map(|(_, document)| *document)
}

/// The document of a managed policy that is in force, of AWS or of this account.
pub(crate) fn document_in<'a>(state: &'a State, arn: &str, now: Millis) -> Option<&'a str> {
    let own = || state.iam.policies.get(arn)?.document(now);
    document(arn).or_else(own)
}

/// The ARNs of all policies of AWS that the local cloud has.
pub(crate) fn arns() -> impl Iterator<Item = String> {
    POLICIES.iter().map(|(tail, _)| format!("{PREFIX}{tail}"))
}

/// The names of all policies that the local cloud has.
pub(crate) fn names() -> Vec<&'static str> {
    POLICIES.iter().map(|(tail, _)| name(tail)).collect()
}

/// The name of a policy, such as `AWSLambdaBasicExecutionRole`.
pub(crate) fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The path of a policy, such as `/service-role/`.
pub(crate) fn path(arn: &str) -> &str {
    let tail = arn.split_once(":policy").map_or("/", |(_, tail)| tail);
    &tail[..tail.rfind('/').map_or(0, |at| at + 1)]
}

#[cfg(test)]
mod tests {
    use super::{PREFIX, document, name, path};

    #[test]
    fn an_arn_has_a_name_and_a_path() {
        let arn = format!("{PREFIX}/service-role/AWSLambdaBasicExecutionRole");
        assert!(document(&arn).is_some_and(|d| d.contains("logs:CreateLogGroup")));
        assert_eq!(
            (name(&arn), path(&arn)),
            ("AWSLambdaBasicExecutionRole", "/service-role/")
        );
        assert_eq!(path("arn:aws:iam::aws:policy/AdministratorAccess"), "/");
        assert_eq!(document("arn:aws:iam::aws:policy/Nothing"), None);
    }
}
