//! Connections that never say anything: hyper's own limit begins only once it knows the version of
//! HTTP, which takes the first bytes.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What hyper needs to tell HTTP/2 from HTTP/1: the length of the preface (RFC 9113 §3.4).
const PREFACE: usize = 24;

/// Gives up on connections whose first bytes take longer than this.
#[derive(Clone, Debug)]
pub(super) struct Patience<A> {
    inner: A,
    limit: Duration,
}

impl<A> Patience<A> {
    /// Wraps what `inner` accepts.
    pub fn new(inner: A, limit: Duration) -> Self {
        Self { inner, limit }
    }
}

impl<A, I, S> Accept<I, S> for Patience<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Hurried<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let (accepting, limit) = (self.inner.accept(stream, service), self.limit);
        Box::pin(async move {
            let (inner, service) = accepting.await?;
            let deadline = Some(Box::pin(sleep(limit)));
            let stream = Hurried {
                inner,
                deadline,
                missing: PREFACE,
            };
            Ok((stream, service))
        })
    }
}

/// A stream whose first bytes have a deadline.
pub(super) struct Hurried<I> {
    inner: I,
    /// `None` once they have come.
    deadline: Option<Pin<Box<Sleep>>>,
    missing: usize,
}

impl<I: AsyncRead + Unpin> AsyncRead for Hurried<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let Some(deadline) = &mut self.deadline else {
            return read;
        };
        if read.is_pending() {
            return deadline
                .as_mut()
                .poll(cx)
                .map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        self.missing = self.missing.saturating_sub(buf.filled().len() - before);
        if self.missing == 0 {
            self.deadline = None;
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Hurried<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn hurried(limit: Duration) -> (Hurried<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (inner, peer) = tokio::io::duplex(64);
        let stream = Hurried {
            inner,
            deadline: Some(Box::pin(sleep(limit))),
            missing: PREFACE,
        };
        (stream, peer)
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_or_too_little_is_given_up() {
        let (mut stream, mut peer) = hurried(Duration::from_millis(1));
        peer.write_all(b"PRI").await.unwrap();
        let mut bytes = [0; PREFACE];
        let error = stream.read_exact(&mut bytes).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn the_deadline_ends_with_the_first_bytes() {
        let (mut stream, mut peer) = hurried(Duration::from_mins(1));
        peer.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
            .await
            .unwrap();
        let mut bytes = [0; PREFACE];
        stream.read_exact(&mut bytes).await.unwrap();
        assert!(stream.deadline.is_none());
    }
}
