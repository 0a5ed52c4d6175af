//! A signed request is refused when any of its parts is changed.

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

use super::wire::{Request, Sent, host, raw};
use super::{block_on, one_in};
use crate::world::World;

/// A request of each protocol, with everything that a signature covers.
fn requests() -> Vec<Request> {
    let mut list = Request::rest(
        "lambda",
        "GET",
        "/2015-03-31/functions/f%3Alive/aliases?MaxItems=10&Marker=",
        "",
    );
    list.headers.push(("x-note".to_owned(), "a b".to_owned()));
    vec![
        Request::form("sts", "Action=GetCallerIdentity&Version=2011-06-15"),
        Request::json("dynamodb", "ListTables", "{\"Limit\":10}"),
        list,
    ]
}

/// A change of a request, and its place.
#[derive(Debug, Clone)]
enum Change {
    Put(Index, Index, char),
    Remove(Index, Index),
    Twice(Index),
    Drop(Index),
    Method(&'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let sane = prop_oneof![
        4 => proptest::char::range('!', '~'),
        1 => any::<char>().prop_filter("a line of its own", |c| !c.is_control()),
    ];
    prop_oneof![
        6 => (any::<Index>(), any::<Index>(), sane).prop_map(|(part, at, c)| Change::Put(part, at, c)),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(part, at)| Change::Remove(part, at)),
        1 => any::<Index>().prop_map(Change::Twice),
        1 => any::<Index>().prop_map(Change::Drop),
        1 => proptest::sample::select(&["GET", "POST", "PUT", "DELETE", "get"][..])
            .prop_map(Change::Method),
    ]
}

/// The request with the change. Part 0 is the target, the last is the body, headers lie between.
fn changed(sent: &Sent, change: &Change) -> Sent {
    let mut sent = sent.clone();
    let parts = sent.headers.len() + 2;
    match change {
        Change::Put(part, at, c) => edit(&mut sent, part.index(parts), |text| {
            let mut chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len().max(1));
            if chars.is_empty() {
                chars.push(*c);
            } else {
                chars[at] = *c;
            }
            chars.into_iter().collect()
        }),
        Change::Remove(part, at) => edit(&mut sent, part.index(parts), |text| {
            let mut chars: Vec<char> = text.chars().collect();
            if !chars.is_empty() {
                chars.remove(at.index(chars.len()));
            }
            chars.into_iter().collect()
        }),
        Change::Twice(which) => {
            let header = sent.headers[which.index(sent.headers.len())].clone();
            sent.headers.push(header);
        }
        Change::Drop(which) => {
            let which = which.index(sent.headers.len());
            sent.headers.remove(which);
        }
        Change::Method(method) => sent.method = (*method).to_owned(),
    }
    sent
}

fn edit(sent: &mut Sent, part: usize, how: impl FnOnce(&str) -> String) {
    if part == 0 {
        sent.target = how(&sent.target);
    } else if let Some((_, value)) = sent.headers.get_mut(part - 1) {
        *value = how(value);
    } else {
        sent.body = how(&String::from_utf8_lossy(&sent.body)).into_bytes();
    }
}

/// What a signature says, without the freedoms that AWS gives in writing it down: blanks around and
/// within a header's value, the order of headers, of the query and of the fields of `Authorization`,
/// of which the first one counts, the case of a header's name.
fn meaning(sent: &Sent) -> Sent {
    let mut plain = sent.clone();
    let (path, query) = sent.target.split_once('?').unwrap_or((&sent.target, ""));
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.contains('=') {
            true => pair.replace('+', "%20"),
            false => format!("{pair}=").replace('+', "%20"),
        })
        .collect();
    pairs.sort();
    let mut segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    if path.ends_with('/') {
        segments.push("");
    }
    plain.target = format!("/{}?{}", segments.join("/"), pairs.join("&"));
    for (name, value) in &mut plain.headers {
        *value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if name == "authorization" {
            let mut fields: Vec<String> = value
                .trim_start_matches("AWS4-HMAC-SHA256")
                .split(',')
                .map(|field| match field.trim() {
                    names if names.starts_with("SignedHeaders=") => names.to_lowercase(),
                    other => other.to_owned(),
                })
                .filter(|field| !field.is_empty())
                .collect();
            fields.sort();
            *value = fields.join(",");
        }
    }
    plain.headers.sort_by(|(a, _), (b, _)| a.cmp(b));
    plain
        .headers
        .dedup_by(|(later, _), (name, _)| later == "authorization" && later == name);
    plain
}

/// A call is counted once its signature was found good, whatever comes of it.
fn accepted(world: &World) -> u64 {
    let requests = world.cloud.requests();
    requests.reads() + requests.mutations()
}

#[test]
fn no_changed_request_is_accepted() {
    let runtime = block_on();
    let world = runtime.block_on(World::new());
    runtime.block_on(world.function());
    let host = host(&world.cloud);
    for request in requests() {
        let sent = request.sign(&host, world.cloud.owner());
        let told = runtime.block_on(sent.send(&host)).expect("an answer");
        assert_eq!(told.status, 200, "{}", told.body);
        let result = one_in(1).run(&proptest::collection::vec(change(), 1..3), |changes| {
            let other = changes
                .iter()
                .fold(sent.clone(), |sent, change| changed(&sent, change));
            if meaning(&other) == meaning(&sent) {
                return Ok(());
            }
            let before = accepted(&world);
            let told = runtime.block_on(raw(&host, &other.bytes()));
            match accepted(&world) == before {
                true => Ok(()),
                false => {
                    let told = String::from_utf8_lossy(&told).into_owned();
                    Err(TestCaseError::fail(format!("{other:?}: {told}")))
                }
            }
        });
        result.unwrap();
    }
}
