//! Requests before their service: keys, signatures, clocks, and requests that are not AWS requests.

use std::time::Duration;

use aws_credential_types::Credentials;
use local_cloud::{FaultProfile, Span};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{Hands, World, clients, told, with_keys};

/// Status and body of a plain GET.
pub async fn get(url: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let answer = raw(
        host,
        format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes(),
    )
    .await;
    let head_end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..head_end]).into_owned();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        answer[head_end..].to_vec(),
    )
}

/// Sends bytes as they are, ends its side, and reads whatever comes.
async fn raw(host: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(host).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

fn host(world: &World) -> String {
    format!("127.0.0.1:{}", world.cloud.port())
}

#[tokio::test]
async fn wrong_keys_are_refused_in_each_services_words() {
    let world = World::new().await;
    let (url, owner) = (world.cloud.endpoint_url(), world.cloud.owner());
    let id = owner.access_key_id.as_str();
    let unknown = with_keys(
        &url,
        Credentials::new("AKIAUNKNOWN", "x", None, None, "test"),
    );
    let wrong = with_keys(&url, Credentials::new(id, "wrong", None, None, "test"));
    let token = Some("nonsense".to_owned());
    let forged = with_keys(
        &url,
        Credentials::new(id, &owner.secret_access_key, token, None, "test"),
    );
    for (clients, query, other) in [
        (
            &unknown,
            "InvalidClientTokenId: The security token",
            "UnrecognizedClientException: The security token",
        ),
        (
            &forged,
            "InvalidClientTokenId: The security token",
            "UnrecognizedClientException: The security token",
        ),
        (
            &wrong,
            "SignatureDoesNotMatch: The request signature",
            "InvalidSignatureException: The request signature",
        ),
    ] {
        assert!(told(clients.sts.get_caller_identity().send().await).starts_with(query));
        assert!(told(clients.iam.list_roles().send().await).starts_with(query));
        assert!(told(clients.dynamodb.list_tables().send().await).starts_with(other));
        assert!(told(clients.lambda.list_functions().send().await).starts_with(other));
        assert!(told(clients.logs.describe_log_groups().send().await).starts_with(other));
    }
}

#[tokio::test]
async fn temporary_keys_end_on_the_clouds_clock() {
    let hands = Hands::new();
    let world = World::at(hands.clone()).await;
    let caller = world.holding(serde_json::json!([]));
    caller.sts.get_caller_identity().send().await.unwrap();
    // The client signs by the machine's clock, which the cloud accepts beside its own.
    hands.advance(Duration::from_secs(13 * 3600));
    assert!(told(caller.sts.get_caller_identity().send().await).starts_with("ExpiredToken: "));
    assert!(
        told(caller.dynamodb.list_tables().send().await).starts_with("ExpiredTokenException: ")
    );
    world.owner.sts.get_caller_identity().send().await.unwrap();
}

#[tokio::test]
async fn health_needs_no_signature_and_the_rest_does() {
    let world = World::new().await;
    let url = world.cloud.endpoint_url();
    let (status, body) = get(&format!("{url}/_local/health")).await;
    let health: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status, &health["account"]),
        (200, &Value::from("123456789012"))
    );
    assert_eq!(health["pid"], Value::from(std::process::id()));
    for path in ["/", "/2015-03-31/functions", "/?Action=ListRoles"] {
        let (status, body) = get(&format!("{url}{path}")).await;
        let body = String::from_utf8(body).unwrap();
        assert_eq!(status, 403, "{path}: {body}");
        assert!(body.contains("uthentication"), "{path}: {body}");
    }
    assert_eq!(
        get(&format!("{url}/_local/code/../state.json")).await.0,
        403
    );
    assert_eq!(get(&format!("{url}/_local/other")).await.0, 404);
}

#[tokio::test]
async fn requests_that_are_not_aws_requests_are_refused() {
    let world = World::new().await;
    let host = host(&world);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for bytes in [
        &b""[..],
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nauthorization: AWS4-HMAC-SHA256 \xff\r\n\r\n",
        long.as_bytes(),
        headers.as_bytes(),
    ] {
        let answer = String::from_utf8_lossy(&raw(&host, bytes).await).into_owned();
        let status = answer.split(' ').nth(1).unwrap_or("none");
        assert!(
            answer.is_empty() || status.starts_with('4'),
            "{status}: {answer}"
        );
    }
    world.owner.sts.get_caller_identity().send().await.unwrap();
}

#[tokio::test]
async fn what_is_missing_says_so_and_is_not_retried() {
    let world = World::new().await;
    let limits = told(world.owner.dynamodb.describe_limits().send().await);
    assert_eq!(
        limits,
        "NotImplementedException: the local cloud does not have dynamodb:DescribeLimits"
    );
    let users = told(world.owner.iam.list_users().send().await);
    assert_eq!(
        users,
        "NotImplementedException: the local cloud does not have iam:ListUsers"
    );
    let layers = told(world.owner.lambda.list_layers().send().await);
    assert!(
        layers.contains("the local cloud does not have lambda: GET /2018-10-31/layers"),
        "{layers}"
    );
    let insights = told(world.owner.logs.describe_queries().send().await);
    assert!(insights.contains("logs:DescribeQueries"), "{insights}");
}

#[tokio::test]
async fn calls_are_counted_by_what_they_do() {
    let world = World::new().await;
    world.table("Rides").await;
    world.owner.dynamodb.list_tables().send().await.unwrap();
    world.owner.iam.list_roles().send().await.unwrap();
    let requests = world.cloud.requests();
    assert_eq!((requests.reads(), requests.mutations()), (2, 1));
    assert_eq!(requests.mutating["dynamodb:CreateTable"], 1);
}

/// A clock of a test that can also be set back.
struct Settable(std::sync::atomic::AtomicI64);

impl local_cloud::Clock for Settable {
    fn now(&self) -> std::time::SystemTime {
        let seconds = self.0.load(std::sync::atomic::Ordering::SeqCst);
        let shift = Duration::from_secs(seconds.unsigned_abs());
        let now = std::time::SystemTime::now();
        if seconds < 0 {
            now - shift
        } else {
            now + shift
        }
    }
}

#[tokio::test]
async fn a_clock_set_back_does_not_postpone_what_is_in_progress() {
    let clock = std::sync::Arc::new(Settable(std::sync::atomic::AtomicI64::new(0)));
    let profile = FaultProfile {
        table_creating: Span::millis(60_000, 60_000),
        function_pending: Span::millis(60_000, 60_000),
        ..FaultProfile::calm()
    };
    let world = World::with_faults(clock.clone(), profile).await;
    world.table("Rides").await;
    world.function().await;
    let states = async || {
        // New clients, since an SDK remembers how far the clock of the service is from its own.
        let owner = clients(&world.cloud.endpoint_url(), world.cloud.owner());
        let (db, lambda) = (&owner.dynamodb, &owner.lambda);
        let table = db
            .describe_table()
            .table_name("Rides")
            .send()
            .await
            .unwrap();
        let function = lambda.get_function_configuration().function_name("f");
        let function = function.send().await.unwrap();
        let status = table.table.unwrap().table_status.unwrap();
        format!("{status} {}", function.state.unwrap())
    };
    assert_eq!(states().await, "CREATING Pending");
    let set = |seconds| clock.0.store(seconds, std::sync::atomic::Ordering::SeqCst);
    set(-20 * 60);
    assert_eq!(states().await, "ACTIVE Active");
    // They stay so when the clock comes near the old moment.
    set(-60);
    assert_eq!(states().await, "ACTIVE Active");
}
