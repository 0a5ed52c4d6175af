//! The stream of one connection: it counts what is in progress, and fails when the client does not
//! read its response.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::realtime;

/// What a shutdown waits for: requests that have arrived whole, and responses being sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct InProgress(Arc<AtomicUsize>);

impl InProgress {
    /// Counts as in progress until it is dropped.
    pub(crate) fn begin(&self) -> Held {
        self.0.fetch_add(1, Ordering::SeqCst);
        Held(self.clone())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
}

#[derive(Debug)]
pub(crate) struct Held(InProgress);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A stream that fails when the client reads nothing for longer than `limit`.
pub(crate) struct Stream {
    inner: TokioIo<TcpStream>,
    limit: Duration,
    in_progress: InProgress,
    /// Set while the client reads nothing.
    stalled: Option<(Pin<Box<Sleep>>, Held)>,
}

impl Stream {
    pub(crate) fn new(inner: TcpStream, limit: Duration, in_progress: InProgress) -> Stream {
        Stream {
            inner: TokioIo::new(inner),
            limit,
            in_progress,
            stalled: None,
        }
    }

    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TokioIo<TcpStream>>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(done) = write(Pin::new(&mut self.inner), cx) {
            self.stalled = None;
            return Poll::Ready(done);
        }
        let (limit, in_progress) = (self.limit, &self.in_progress);
        let stalled = &mut self.stalled;
        let (sleep, _) =
            stalled.get_or_insert_with(|| (Box::pin(realtime::wait(limit)), in_progress.begin()));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.watch(cx, |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch(cx, |inner, cx| inner.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.watch(cx, |inner, cx| inner.poll_write_vectored(cx, slices))
    }
}

#[cfg(test)]
mod tests {
    use super::{InProgress, Stream};
    use hyper::rt::Write as _;
    use std::future::poll_fn;
    use std::io::ErrorKind;
    use std::pin::Pin;
    use std::time::Duration;
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn a_client_that_does_not_read_is_disconnected() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_silent, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let in_progress = InProgress::default();
        let (accepted, _) = accepted.unwrap();
        let mut stream = Stream::new(accepted, Duration::from_millis(1), in_progress.clone());
        let block = vec![0; 1 << 20];
        let error = loop {
            let written = poll_fn(|cx| Pin::new(&mut stream).poll_write(cx, &block)).await;
            match written {
                Ok(_) => assert!(in_progress.is_empty()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(!in_progress.is_empty());
        drop(stream);
        assert!(in_progress.is_empty());
    }
}
