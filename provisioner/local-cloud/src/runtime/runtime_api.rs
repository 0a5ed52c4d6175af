//! The Runtime API of one environment: its process asks for invocations here and posts responses.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::to_millis;
use crate::realtime;
use crate::runtime::invocation::Invocation;

/// The largest response of a function, in bytes.
const RESPONSE_LIMIT: usize = 6 * 1024 * 1024;
/// How many events are queued; the requests of further ones wait.
const EVENT_QUEUE: usize = 64;

/// A request of the process.
#[derive(Debug)]
pub(crate) enum RuntimeEvent {
    /// It waits for the next invocation, which is to be sent here.
    Next(oneshot::Sender<(Invocation, Duration)>),
    Response {
        request_id: String,
        payload: Bytes,
    },
    TooLarge {
        request_id: String,
    },
    Failed {
        request_id: String,
        payload: Bytes,
    },
    InitFailed {
        payload: Bytes,
    },
}

/// A listening Runtime API. Dropping it closes all connections.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    pub(crate) events: mpsc::Receiver<RuntimeEvent>,
    _server: Server,
}

#[derive(Debug)]
struct Server(tokio::task::JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl RuntimeApi {
    pub(crate) async fn listen() -> std::io::Result<RuntimeApi> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (sender, events) = mpsc::channel(EVENT_QUEUE);
        let endpoint = Endpoint {
            events: sender,
            current: Arc::default(),
        };
        let server = tokio::spawn(serve(listener, endpoint));
        Ok(RuntimeApi {
            address,
            events,
            _server: Server(server),
        })
    }
}

/// What a request handler needs.
#[derive(Debug, Clone)]
struct Endpoint {
    events: mpsc::Sender<RuntimeEvent>,
    /// The request id of the invocation that the process is running.
    current: Arc<Mutex<Option<String>>>,
}

impl Endpoint {
    fn begin(&self, request_id: &str) {
        *self.lock() = Some(request_id.to_owned());
    }

    /// Whether this is the first response to the current invocation. Further ones are refused.
    fn finish(&self, request_id: &str) -> bool {
        let mut current = self.lock();
        current.take_if(|id| id == request_id).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, endpoint: Endpoint) {
    // The tasks of the connections end with this set.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // For example out of file descriptors. The function must keep its API.
            realtime::wait(Duration::from_millis(10)).await;
            continue;
        };
        let endpoint = endpoint.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, endpoint.clone()));
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    request: Request<Incoming>,
    endpoint: Endpoint,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
        return Ok(plain(404, "{}"));
    };
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method(), &segments[..]) {
        (&Method::GET, ["invocation", "next"]) => Ok(next(&endpoint).await),
        (&Method::POST, ["invocation", id, what @ ("response" | "error")]) => {
            let request_id = (*id).to_owned();
            let is_response = *what == "response";
            let event = match body(request).await {
                Ok(payload) if is_response => RuntimeEvent::Response {
                    request_id,
                    payload,
                },
                Ok(payload) => RuntimeEvent::Failed {
                    request_id,
                    payload,
                },
                Err(true) => RuntimeEvent::TooLarge { request_id },
                Err(false) => return Ok(plain(400, "{}")),
            };
            let too_large = matches!(event, RuntimeEvent::TooLarge { .. });
            if !endpoint.finish(id) {
                return Ok(unknown_invocation());
            }
            let _ = endpoint.events.send(event).await;
            Ok(if too_large {
                plain(413, r#"{"errorType":"RequestEntityTooLarge"}"#)
            } else {
                accepted()
            })
        }
        (&Method::POST, ["init", "error"]) => {
            let payload = body(request).await.unwrap_or_default();
            let _ = endpoint
                .events
                .send(RuntimeEvent::InitFailed { payload })
                .await;
            Ok(accepted())
        }
        _ => Ok(plain(404, "{}")),
    }
}

/// The body; as an error, whether it was too large.
async fn body(request: Request<Incoming>) -> Result<Bytes, bool> {
    match Limited::new(request.into_body(), RESPONSE_LIMIT)
        .collect()
        .await
    {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(error.is::<LengthLimitError>()),
    }
}

async fn next(endpoint: &Endpoint) -> Response<Full<Bytes>> {
    let (sender, receiver) = oneshot::channel();
    if endpoint
        .events
        .send(RuntimeEvent::Next(sender))
        .await
        .is_err()
    {
        return plain(410, "{}");
    }
    let Ok((invocation, timeout)) = receiver.await else {
        return plain(410, "{}");
    };
    endpoint.begin(&invocation.request_id);
    // The process compares it with the machine's clock.
    let deadline = to_millis(SystemTime::now() + timeout);
    let trace = format!(
        "Root=1-00000000-{};Sampled=0",
        &invocation.request_id.replace('-', "")[..24]
    );
    let mut response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &invocation.request_id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", &invocation.arn)
        .header("lambda-runtime-trace-id", trace);
    if let Some(context) = &invocation.client_context {
        response = response.header("lambda-runtime-client-context", context);
    }
    response
        .body(Full::new(invocation.payload))
        .unwrap_or_else(|_| plain(500, "{}"))
}

/// In the words of AWS's own Runtime API.
fn unknown_invocation() -> Response<Full<Bytes>> {
    plain(
        400,
        r#"{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}"#,
    )
}

fn accepted() -> Response<Full<Bytes>> {
    plain(202, r#"{"status":"OK"}"#)
}

fn plain(status: u16, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(
        "content-type",
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}
