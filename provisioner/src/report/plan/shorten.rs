//! ARNs as people write them: `table/Rides` for one of the stack's own account and region.

use crate::engine::observed::Context;

/// The text with the ARNs of this account and region shortened to what follows them; all others stay.
pub fn shortened(text: &str, context: &Context) -> String {
    let words = text.split(' ').map(|word| {
        let (arn, comma) = match word.strip_suffix(',') {
            Some(arn) => (arn, ","),
            None => (word, ""),
        };
        format!(
            "{}{comma}",
            resource(arn, context).unwrap_or_else(|| arn.to_owned())
        )
    });
    words.collect::<Vec<_>>().join(" ")
}

fn resource(arn: &str, context: &Context) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts[..] else {
        return None;
    };
    // IAM has no regions.
    let is_here = partition == context.partition
        && account == context.account
        && (region == context.region || (service == "iam" && region.is_empty()));
    if !is_here {
        return None;
    }
    // `table/Rides` tells what it is; the name of a queue does not.
    let has_kind = resource.contains(['/', ':']);
    Some(if has_kind {
        resource.to_owned()
    } else {
        format!("{service}:{resource}")
    })
}

#[cfg(test)]
mod tests {
    use super::shortened;
    use crate::engine::observed::Context;

    #[test]
    fn only_arns_of_this_account_and_region_are_shortened() {
        let context = Context {
            partition: "aws".to_owned(),
            account: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            stage: "default".to_owned(),
            caller: String::new(),
        };
        for (text, expected) in [
            (
                "on arn:aws:dynamodb:eu-west-1:123456789012:table/Rides",
                "on table/Rides",
            ),
            (
                "on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/F:*, arn:aws:sqs:eu-west-1:123456789012:jobs",
                "on log-group:/aws/lambda/F:*, sqs:jobs",
            ),
            (
                "arn:aws:iam::123456789012:role/service-role/R",
                "role/service-role/R",
            ),
            (
                "on arn:aws:dynamodb:*:123456789012:table/*",
                "on arn:aws:dynamodb:*:123456789012:table/*",
            ),
            (
                "on arn:aws:dynamodb:us-east-1:123456789012:table/Rides",
                "on arn:aws:dynamodb:us-east-1:123456789012:table/Rides",
            ),
            ("on arn:aws:s3:::bucket/*", "on arn:aws:s3:::bucket/*"),
            ("on *", "on *"),
            ("", ""),
        ] {
            assert_eq!(shortened(text, &context), expected);
        }
    }
}
