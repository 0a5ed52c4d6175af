//! HTTP: bytes that are not a request, requests that are never completed, and connections without
//! requests.

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::wire::{Request, answer, host, raw};
use super::{block_on, one_in};
use crate::world::World;

/// The parts of requests, valid and broken.
const FRAGMENTS: &[&[u8]] = &[
    b"GET ",
    b"POST ",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"get ",
    b"G\x00T ",
    b"/",
    b"//..//%",
    b"/\xff\xfe",
    b"/\x00",
    b"/_local/",
    b"/_local/code/..%2fstate.json?expires=9999999999999&seal=x",
    b"/2015-03-31/functions/",
    b"http://127.0.0.1/",
    b"?",
    b"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/e",
    b" HTTP/1.1\r\n",
    b" HTTP/1.0\r\n",
    b" HTTP/9.9\r\n",
    b"host: x\r\n",
    b"host: \x00\r\n",
    b"\xff: \xff\r\n",
    b": x\r\n",
    b" folded: x\r\n",
    b"content-length: 0\r\n",
    b"content-length: 5\r\n",
    b"content-length: 6\r\n",
    b"content-length: -1\r\n",
    b"content-length: x\r\n",
    b"content-length: 5, 5\r\n",
    b"content-length: 18446744073709551616\r\n",
    b"transfer-encoding: chunked\r\n",
    b"transfer-encoding: identity\r\n",
    b"transfer-encoding: chunked, chunked\r\n",
    b"expect: 100-continue\r\n",
    b"upgrade: h2c\r\nconnection: upgrade\r\n",
    b"connection: close\r\n",
    b"authorization: AWS4-HMAC-SHA256 Credential=\xff\r\n",
    b"authorization: AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/iam/aws4_request, \
      SignedHeaders=host, Signature=0\r\nx-amz-date: 20260101T000000Z\r\n",
    b"x-amz-date: \xf0\x9f\r\n",
    b"x-amz-target: DynamoDB_20120810.\r\n",
    b"x-amz-target: ..\xff\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\n\n",
    b"hello",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"-5\r\nhello",
    b"zz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        12 => proptest::sample::select(FRAGMENTS).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
        1 => (any::<u8>(), 0..3_000_usize).prop_map(|(byte, count)| vec![byte; count]),
    ];
    let some = proptest::collection::vec(fragment, 0..12).prop_map(|some| some.concat());
    let whole_head = some.clone().prop_map(|rest| {
        let head = &b"POST / HTTP/1.1\r\nhost: x\r\n"[..];
        [head, &rest].concat()
    });
    prop_oneof![some, whole_head]
}

#[test]
fn no_bytes_make_the_front_fail() {
    let runtime = block_on();
    let world = runtime.block_on(World::new());
    let host = host(&world.cloud);
    let result = one_in(1).run(&bytes(), |bytes| {
        let told = runtime.block_on(raw(&host, &bytes));
        // A response for each request, and none of them a failure of the local cloud.
        for part in String::from_utf8_lossy(&told).split("HTTP/1.1 ").skip(1) {
            let status = part.split(' ').next().unwrap_or_default();
            if !matches!(status.as_bytes().first(), Some(b'1' | b'2' | b'4')) && status != "501" {
                return Err(TestCaseError::fail(part.to_owned()));
            }
        }
        Ok(())
    });
    result.unwrap();
    runtime.block_on(works(&world));
}

async fn works(world: &World) {
    let caller = world.owner.sts.get_caller_identity();
    caller.send().await.expect("the cloud goes on");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_has_come() {
    let world = World::new().await;
    let host = host(&world.cloud);
    let signed = Request::form("iam", "").sign(&host, world.cloud.owner());
    let head = String::from_utf8(signed.bytes()).expect("text");
    let declared = head.replace("content-length: 0", "content-length: 1048577");
    let told = answer(&raw(&host, declared.as_bytes()).await).expect("an answer");
    assert_eq!(told.status, 413, "{}", told.body);
    assert!(told.head.contains("connection: close"), "{}", told.head);
    let chunk = format!("{:x}\r\n{}\r\n", 300_000, "x".repeat(300_000));
    let chunked =
        head.replace("content-length: 0", "transfer-encoding: chunked") + &chunk.repeat(4);
    let told = answer(&raw(&host, chunked.as_bytes()).await);
    // The answer, or the end of a connection that still had bytes coming.
    assert!(told.is_none_or(|told| told.status == 413));
    works(&world).await;
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_a_row() {
    let world = World::new().await;
    let host = host(&world.cloud);
    let call = Request::form("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    let last = call.sign(&host, world.cloud.owner()).bytes();
    let text = String::from_utf8(last.clone()).expect("text");
    let first = text.replace("connection: close\r\n", "");
    let told = raw(&host, &[first.repeat(3).as_bytes(), &last].concat()).await;
    let told = String::from_utf8_lossy(&told).into_owned();
    assert_eq!(told.matches("HTTP/1.1 200").count(), 4, "{told}");
}

#[tokio::test]
async fn connections_that_come_to_nothing_hold_nobody_up() {
    let world = World::new().await;
    let host = host(&world.cloud);
    // Each sends a little and then waits for longer than this test takes.
    let mut silent = Vec::new();
    for count in 0..100 {
        let mut stream = TcpStream::connect(&host).await.expect("a connection");
        let said = &b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx"[..count % 48];
        stream.write_all(said).await.expect("bytes taken");
        silent.push(stream);
    }
    works(&world).await;
    for _ in 0..1_000 {
        drop(TcpStream::connect(&host).await.expect("a connection"));
    }
    works(&world).await;
    drop(silent);
}

#[tokio::test]
async fn a_stop_waits_for_no_request_that_has_not_arrived() {
    let world = World::new().await;
    let host = host(&world.cloud);
    let whole = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello";
    let mut begun = Vec::new();
    for said in [1, 20, whole.len() - 3] {
        let mut stream = TcpStream::connect(&host).await.expect("a connection");
        stream.write_all(&whole[..said]).await.expect("bytes taken");
        begun.push((stream, &whole[said..]));
    }
    works(&world).await;
    let World { cloud, .. } = world;
    let finish = async {
        while TcpStream::connect(&host).await.is_ok() {}
        // The cloud accepts no more connections, so the other requests come too late.
        for (mut stream, rest) in begun {
            let _ = stream.write_all(rest).await;
            let mut told = Vec::new();
            let _ = stream.read_to_end(&mut told).await;
            assert_eq!(String::from_utf8_lossy(&told), "");
        }
    };
    tokio::join!(cloud.stop(), finish);
}
