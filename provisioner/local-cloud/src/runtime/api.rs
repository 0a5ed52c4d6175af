//! The Runtime API of one environment: where its process asks for work and leaves answers.

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
use crate::patience;
use crate::runtime::Job;

/// Of a function's answer.
pub(crate) const ANSWER_LIMIT: usize = 6 * 1024 * 1024;
/// What the process may say while nobody listens; more of it waits.
const UNHEARD: usize = 64;

/// What the process said.
#[derive(Debug)]
pub(crate) enum Said {
    /// It waits for work, which is sent here.
    Next(oneshot::Sender<(Job, Duration)>),
    Answer {
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

/// A listening Runtime API; dropping it ends every connection.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) address: SocketAddr,
    pub(crate) said: mpsc::Receiver<Said>,
    _server: Server,
}

#[derive(Debug)]
struct Server(tokio::task::JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Api {
    pub(crate) async fn listen() -> std::io::Result<Api> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (tell, said) = mpsc::channel(UNHEARD);
        let desk = Desk {
            tell,
            under_way: Arc::default(),
        };
        let server = tokio::spawn(serve(listener, desk));
        Ok(Api {
            address,
            said,
            _server: Server(server),
        })
    }
}

/// Where requests of the process come to.
#[derive(Debug, Clone)]
struct Desk {
    tell: mpsc::Sender<Said>,
    /// The invocation that the process has and hasn't answered.
    under_way: Arc<Mutex<Option<String>>>,
}

impl Desk {
    fn hand_out(&self, request_id: &str) {
        *self.lock() = Some(request_id.to_owned());
    }

    /// True for the first answer alone: nobody would ever take another, so it isn't kept.
    fn take_back(&self, request_id: &str) -> bool {
        let mut under_way = self.lock();
        under_way.take_if(|id| id == request_id).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, desk: Desk) {
    // The connections are tasks of this set, so they end with it.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, say: the function must not be left without its API for that.
            patience::wait(Duration::from_millis(10)).await;
            continue;
        };
        let desk = desk.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, desk.clone()));
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    request: Request<Incoming>,
    desk: Desk,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
        return Ok(plain(404, "{}"));
    };
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method(), &segments[..]) {
        (&Method::GET, ["invocation", "next"]) => Ok(next(&desk).await),
        (&Method::POST, ["invocation", id, what @ ("response" | "error")]) => {
            let request_id = (*id).to_owned();
            let is_answer = *what == "response";
            let said = match body(request).await {
                Ok(payload) if is_answer => Said::Answer {
                    request_id,
                    payload,
                },
                Ok(payload) => Said::Failed {
                    request_id,
                    payload,
                },
                Err(true) => Said::TooLarge { request_id },
                Err(false) => return Ok(plain(400, "{}")),
            };
            let too_large = matches!(said, Said::TooLarge { .. });
            if !desk.take_back(id) {
                return Ok(unknown_invocation());
            }
            let _ = desk.tell.send(said).await;
            Ok(if too_large {
                plain(413, r#"{"errorType":"RequestEntityTooLarge"}"#)
            } else {
                accepted()
            })
        }
        (&Method::POST, ["init", "error"]) => {
            let payload = body(request).await.unwrap_or_default();
            let _ = desk.tell.send(Said::InitFailed { payload }).await;
            Ok(accepted())
        }
        _ => Ok(plain(404, "{}")),
    }
}

/// The body, or whether it was too large.
async fn body(request: Request<Incoming>) -> Result<Bytes, bool> {
    match Limited::new(request.into_body(), ANSWER_LIMIT)
        .collect()
        .await
    {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(error.is::<LengthLimitError>()),
    }
}

async fn next(desk: &Desk) -> Response<Full<Bytes>> {
    let (send, work) = oneshot::channel();
    if desk.tell.send(Said::Next(send)).await.is_err() {
        return plain(410, "{}");
    }
    let Ok((job, timeout)) = work.await else {
        return plain(410, "{}");
    };
    desk.hand_out(&job.request_id);
    // The process compares it with its own clock, which is the machine's.
    let deadline = to_millis(SystemTime::now() + timeout);
    let trace = format!(
        "Root=1-00000000-{};Sampled=0",
        &job.request_id.replace('-', "")[..24]
    );
    let mut response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &job.request_id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", &job.arn)
        .header("lambda-runtime-trace-id", trace);
    if let Some(context) = &job.client_context {
        response = response.header("lambda-runtime-client-context", context);
    }
    response
        .body(Full::new(job.payload))
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
