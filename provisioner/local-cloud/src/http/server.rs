//! Connections on 127.0.0.1: their limits in time and size, and their orderly end.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{DATE, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::api::error::ApiError;
use crate::clock::http_date;
use crate::cloud::Cloud;
use crate::http::dispatch::{self, Dropped, service_of};
use crate::http::in_progress::InProgress;
use crate::http::reply::{self, Reply};
use crate::http::unsigned;
use crate::identity::canonical::Signed;
use crate::identity::sigv4::claim;
use crate::protocol::HttpRequest;
use crate::random;
use crate::realtime;
use crate::services::{SERVICES, Service};

/// How many connections are open at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 512;
/// How long a client may send nothing until its connection is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// How long a client may take to send a whole request.
const REQUEST_LIMIT: Duration = Duration::from_secs(300);
/// How long a shutdown waits for requests in progress.
const GRACE: Duration = Duration::from_secs(10);

/// Accepts connections until `stop` is true, then waits for requests in progress.
pub(crate) async fn serve(cloud: Cloud, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // The semaphore is never closed, so a slot always becomes free.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            break;
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // For example out of file descriptors: open connections go on, and a later one may work.
                Err(_) => {
                    realtime::wait(Duration::from_millis(10)).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => break,
        };
        let (cloud, stop) = (cloud.clone(), stop.clone());
        connections.spawn(async move {
            let _slot = slot;
            connection(cloud, stream, stop).await;
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    realtime::within(GRACE, all).await;
}

async fn connection(cloud: Cloud, stream: TcpStream, mut stop: watch::Receiver<bool>) {
    // Small responses must not wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let in_progress = InProgress::default();
    let for_requests = in_progress.clone();
    let service = service_fn(move |request| respond(cloud.clone(), request, for_requests.clone()));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_LIMIT)
        // A client that closes its sending half after the request, like `nc`, gets its response.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    // A request that has arrived whole gets its response; the rest of another is not waited for.
    poll_fn(|cx| match connection.as_mut().poll(cx) {
        Poll::Pending if !in_progress.is_empty() => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
}

/// Returns once the cloud is to stop, or has ended.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // `map` drops the guard that `wait_for` returns, which must not be held across an await.
    let _ = stop.wait_for(|stop| *stop).await.map(|_| ());
}

/// The response to a request, dated by the cloud's clock, since clients correct their clocks by it. An
/// error closes the connection.
async fn respond(
    cloud: Cloud,
    request: Request<Incoming>,
    in_progress: InProgress,
) -> Result<Reply, Dropped> {
    let mut reply = reply_to(cloud.clone(), request, in_progress).await?;
    if let Ok(date) = HeaderValue::from_str(&http_date(cloud.now())) {
        reply.headers_mut().insert(DATE, date);
    }
    Ok(reply)
}

async fn reply_to(
    cloud: Cloud,
    request: Request<Incoming>,
    in_progress: InProgress,
) -> Result<Reply, Dropped> {
    let (parts, body) = request.into_parts();
    let (method, path) = (
        parts.method.as_str().to_owned(),
        parts.uri.path().to_owned(),
    );
    // Only CONNECT has no path; for any other method an empty path would pass for the signed `/`.
    if !path.starts_with('/') {
        let reply = reply::plain(400, "text/plain", "the request names no path\n");
        return Ok(close(reply));
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if path.starts_with(unsigned::PREFIX) {
        let _held = in_progress.begin();
        return Ok(unsigned::respond(&cloud, &method, &path, &query).await);
    }
    let service = expected_service(&method, &path, query.as_str(), &parts.headers);
    let body = match read_body(service, body).await {
        Ok(body) => body,
        Err(reply) => return Ok(close(reply)),
    };
    let _held = in_progress.begin();
    let request = HttpRequest {
        method,
        path,
        query,
        headers: parts.headers,
        body,
    };
    // On a task of its own: a client that disconnects must not stop a change halfway.
    match tokio::spawn(dispatch::respond(cloud, request)).await {
        Ok(result) => result,
        Err(_) => {
            let error = ApiError::internal("the local cloud failed on this request");
            Ok(reply::error(service.protocol(), &error, &random::uuid()))
        }
    }
}

/// The service that a request is for, before its body is read. Without one, the service with the
/// largest body limit.
fn expected_service(
    method: &str,
    path: &str,
    query: &str,
    headers: &HeaderMap,
) -> &'static dyn Service {
    let signed = Signed {
        method,
        path,
        query,
        headers,
        body: b"",
    };
    let claimed = claim(&signed).ok();
    service_of(path, headers, claimed.as_ref()).unwrap_or_else(|_| {
        let largest = SERVICES.iter().max_by_key(|service| service.body_limit());
        *largest.expect("the list of services is not empty")
    })
}

/// The whole body, or the response to a client that sends too much or too slowly.
async fn read_body(service: &dyn Service, body: Incoming) -> Result<Bytes, Reply> {
    let body = realtime::within(REQUEST_LIMIT, read(body, service.body_limit())).await;
    let (status, text) = match body.unwrap_or(Err(BodyError::TooSlow)) {
        Ok(body) => return Ok(body),
        Err(BodyError::TooLarge) => {
            let error = service.body_too_large();
            return Err(reply::error(service.protocol(), &error, &random::uuid()));
        }
        Err(BodyError::TooSlow) => (408, "the request took too long\n"),
        Err(BodyError::Broken) => (400, "the request broke off\n"),
    };
    Err(reply::plain(status, "text/plain", text))
}

enum BodyError {
    TooLarge,
    TooSlow,
    Broken,
}

async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut bytes = BytesMut::new();
    loop {
        let Some(frame) = realtime::within(IDLE_LIMIT, body.frame()).await else {
            return Err(BodyError::TooSlow);
        };
        match frame {
            None => return Ok(bytes.freeze()),
            Some(Err(_)) => return Err(BodyError::Broken),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                if bytes.len() + data.len() > limit {
                    return Err(BodyError::TooLarge);
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

/// Closes the connection after this response: the rest of the request is not read.
fn close(mut reply: Response<Full<Bytes>>) -> Reply {
    reply
        .headers_mut()
        .insert("connection", HeaderValue::from_static("close"));
    reply
}
