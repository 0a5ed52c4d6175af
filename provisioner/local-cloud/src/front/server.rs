//! Connections: accepted on 127.0.0.1, each bounded in time and size, ended in good order.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{DATE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioTimer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::clock::http_date;
use crate::cloud::Cloud;
use crate::front::door::{self, Arrived, Dropped, service_of, too_large};
use crate::front::reply::{self, Reply};
use crate::front::sigv4::{Signed, claim};
use crate::front::stream::{InHand, Stream};
use crate::front::{Service, unsigned};
use crate::patience;

/// More wait to be accepted.
const CONNECTIONS: usize = 512;
/// A client that says nothing for this long is gone, and so is one that takes nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of a whole request, however steadily it drips.
const WHOLE_REQUEST: Duration = Duration::from_secs(300);
/// What a stop leaves to requests that have begun.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` says so, and then until what had begun has ended.
pub(crate) async fn serve(cloud: Cloud, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // Never closed, so a place always comes.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file descriptors, say: what is open goes on, the next may fare better.
                Err(_) => {
                    patience::wait(Duration::from_millis(10)).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => break,
        };
        let (cloud, stop) = (cloud.clone(), stop.clone());
        connections.spawn(async move {
            let _place = place;
            connection(cloud, stream, stop).await;
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    patience::within(GRACE, all).await;
}

async fn connection(cloud: Cloud, stream: TcpStream, mut stop: watch::Receiver<bool>) {
    // Small answers must not wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let in_hand = InHand::default();
    let stream = Stream::new(stream, PATIENCE, in_hand.clone());
    let of_service = in_hand.clone();
    let service = service_fn(move |request| one(cloud.clone(), request, of_service.clone()));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        // A client that has said all and only listens, like `nc`, gets its answer.
        .half_close(true)
        .serve_connection(stream, service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    // What has arrived whole is answered; the rest of what hasn't is not waited for.
    poll_fn(|cx| match connection.as_mut().poll(cx) {
        Poll::Pending if !in_hand.is_empty() => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
}

/// Returns once the cloud is to stop, or is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // What it was has to be let go before the caller waits for anything else.
    let _ = stop.wait_for(|stop| *stop).await.map(|_| ());
}

/// A client corrects its clock by the date of an answer, so that is the cloud's own.
/// Without an answer the connection ends.
async fn one(cloud: Cloud, request: Request<Incoming>, in_hand: InHand) -> Result<Reply, Dropped> {
    let mut reply = reply_to(cloud.clone(), request, in_hand).await?;
    if let Ok(date) = HeaderValue::from_str(&http_date(cloud.now())) {
        reply.headers_mut().insert(DATE, date);
    }
    Ok(reply)
}

async fn reply_to(
    cloud: Cloud,
    request: Request<Incoming>,
    in_hand: InHand,
) -> Result<Reply, Dropped> {
    let (parts, body) = request.into_parts();
    let (method, path) = (
        parts.method.as_str().to_owned(),
        parts.uri.path().to_owned(),
    );
    // Only CONNECT names no path; of anything else it would count as `/`, which somebody signed.
    if !path.starts_with('/') {
        let reply = reply::plain(400, "text/plain", "the request names no path\n");
        return Ok(close(reply));
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if path.starts_with(unsigned::PREFIX) {
        let _held = in_hand.one_more();
        return Ok(unsigned::answer(&cloud, &method, &path, &query).await);
    }
    let empty = Signed {
        method: &method,
        path: &path,
        query: &query,
        headers: &parts.headers,
        body: b"",
    };
    let claimed = claim(&empty).ok();
    let service = service_of(&path, &parts.headers, claimed.as_ref()).unwrap_or(Service::Lambda);
    let body = patience::within(WHOLE_REQUEST, read(body, service.body_limit())).await;
    let body = match body.unwrap_or(Err(TooMuch::Time)) {
        Ok(body) => body,
        Err(TooMuch::Bytes) => {
            let reply = reply::error(service, &too_large(service), &crate::random::uuid());
            return Ok(close(reply));
        }
        Err(TooMuch::Time) => {
            return Ok(close(reply::plain(
                408,
                "text/plain",
                "the request took too long\n",
            )));
        }
        Err(TooMuch::Broken) => {
            let reply = reply::plain(400, "text/plain", "the request broke off\n");
            return Ok(close(reply));
        }
    };
    let _held = in_hand.one_more();
    let arrived = Arrived {
        method,
        path,
        query,
        headers: parts.headers,
        body,
    };
    // On a task of its own: a client that goes away must not stop a change halfway.
    match tokio::spawn(door::answer(cloud, arrived)).await {
        Ok(answered) => answered,
        Err(_) => {
            let error = crate::error::ApiError::internal("the local cloud failed on this request");
            Ok(reply::error(service, &error, &crate::random::uuid()))
        }
    }
}

enum TooMuch {
    Bytes,
    Time,
    Broken,
}

async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, TooMuch> {
    if body.size_hint().lower() > limit as u64 {
        return Err(TooMuch::Bytes);
    }
    let mut bytes = BytesMut::new();
    loop {
        let Some(frame) = patience::within(PATIENCE, body.frame()).await else {
            return Err(TooMuch::Time);
        };
        match frame {
            None => return Ok(bytes.freeze()),
            Some(Err(_)) => return Err(TooMuch::Broken),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                if bytes.len() + data.len() > limit {
                    return Err(TooMuch::Bytes);
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

/// The rest of the request is not read, so the connection can't be used again.
fn close(mut reply: Response<Full<Bytes>>) -> Reply {
    reply
        .headers_mut()
        .insert("connection", HeaderValue::from_static("close"));
    reply
}
