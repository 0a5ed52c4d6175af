//! Requests of a function to its Runtime API, valid and invalid.

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use serde_json::json;

use super::wire::hex;
use super::{block_on, one_in};
use crate::world::{Invoked, World, zip};

/// `{id}` is the invocation that the function is running.
const FRAGMENTS: &[&[u8]] = &[
    b"GET /2018-06-01/runtime/",
    b"POST /2018-06-01/runtime/",
    b"PUT /",
    b"invocation/next",
    b"invocation/none/response",
    b"invocation/{id}x/response",
    b"invocation//response",
    b"invocation/none/error",
    b"init/error",
    b"exit/error",
    b" HTTP/1.1\r\nhost: x\r\n",
    b"content-length: 3\r\n",
    b"content-length: 99999999\r\n",
    b"transfer-encoding: chunked\r\n",
    b"connection: close\r\n",
    b"lambda-runtime-function-error-type: \xff\r\n",
    b"\r\n",
    b"\r\nabc",
    b"\r\nffffffff\r\n",
    b"\x00\xff",
];

async fn with_function() -> World {
    let world = World::new().await;
    world.function().await;
    world
}

/// An incomplete request must be followed by the end of the connection, or it gets no response.
async fn says(world: &World, bytes: &[u8], then: &str) -> Invoked {
    let event = json!({"do": "raw", "then": then, "bytes": hex(bytes)});
    world.invoke(event).await
}

#[test]
fn no_function_makes_its_runtime_api_fail() {
    let runtime = block_on();
    let world = runtime.block_on(with_function());
    let fragment = prop_oneof![
        8 => proptest::sample::select(FRAGMENTS).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    // A second request for an invocation gets the next one, for which the function would wait.
    let bytes = proptest::collection::vec(fragment, 0..8)
        .prop_map(|some| some.concat())
        .prop_filter("no work asked for", |bytes| {
            !bytes.windows(4).any(|four| four == b"next")
        });
    let result = one_in(2).run(&bytes, |bytes| {
        let told = runtime.block_on(says(&world, &bytes, "end"));
        let line = told.answer.as_str().unwrap_or_default();
        let fails = line.contains(" 5") || told.error.is_some();
        match fails {
            true => Err(TestCaseError::fail(format!("{line:?} {:?}", told.error))),
            false => Ok(()),
        }
    });
    result.unwrap();
}

#[tokio::test]
async fn an_answer_to_nothing_is_refused_and_not_kept() {
    let world = with_function().await;
    for (id, status) in [("none", "400"), ("{id}x", "400")] {
        let said = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\n\
             content-length: 5\r\nconnection: close\r\n\r\n\"one\""
        );
        let told = says(&world, said.as_bytes(), "wait").await;
        let line = told.answer.as_str().expect("the line that came back");
        assert!(line.contains(status), "{id}: {line}");
        assert_eq!(told.error, None);
    }
    // The first response to an invocation counts.
    let said = "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\n\
                content-length: 5\r\nconnection: close\r\n\r\n\"one\"";
    assert_eq!(
        says(&world, said.as_bytes(), "wait").await.answer,
        json!("one")
    );
    let after = world.invoke(json!({"a": 1})).await;
    assert_eq!(after.answer["event"], json!({"a": 1}));
}

/// The client context is passed in a header, which must not contain control characters.
#[tokio::test]
async fn a_client_context_that_fits_no_header_is_left_out() {
    use aws_sdk_lambda::primitives::Blob;
    use base64::Engine as _;
    let world = World::new().await;
    world.role().await;
    let zip = zip(crate::world::bootstrap());
    crate::world::create(&world.owner, zip)
        .send()
        .await
        .expect("a function");
    let context = base64::engine::general_purpose::STANDARD.encode("{\"a\":\"\u{7f}\"}");
    let invoke = world.owner.lambda.invoke().function_name("f");
    let invoke = invoke.client_context(context).payload(Blob::new("{}"));
    let told = invoke.send().await.expect("an answer");
    assert_eq!(told.function_error, None);
}
