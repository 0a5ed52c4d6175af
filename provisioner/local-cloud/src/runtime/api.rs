//! The Runtime API of one environment: where its process asks for work and leaves answers.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
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
use crate::runtime::Job;

/// Of a function's answer.
pub(crate) const ANSWER_LIMIT: usize = 6 * 1024 * 1024;

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
    pub(crate) said: mpsc::UnboundedReceiver<Said>,
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
        let (tell, said) = mpsc::unbounded_channel();
        let server = tokio::spawn(serve(listener, tell));
        Ok(Api {
            address,
            said,
            _server: Server(server),
        })
    }
}

async fn serve(listener: TcpListener, tell: mpsc::UnboundedSender<Said>) {
    // The connections are tasks of this set, so they end with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let tell = tell.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, tell.clone()));
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    request: Request<Incoming>,
    tell: mpsc::UnboundedSender<Said>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
        return Ok(plain(404, "{}"));
    };
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method(), &segments[..]) {
        (&Method::GET, ["invocation", "next"]) => Ok(next(&tell).await),
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
            let _ = tell.send(said);
            Ok(if too_large {
                plain(413, r#"{"errorType":"RequestEntityTooLarge"}"#)
            } else {
                accepted()
            })
        }
        (&Method::POST, ["init", "error"]) => {
            let payload = body(request).await.unwrap_or_default();
            let _ = tell.send(Said::InitFailed { payload });
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

async fn next(tell: &mpsc::UnboundedSender<Said>) -> Response<Full<Bytes>> {
    let (send, work) = oneshot::channel();
    if tell.send(Said::Next(send)).is_err() {
        return plain(410, "{}");
    }
    let Ok((job, timeout)) = work.await else {
        return plain(410, "{}");
    };
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
