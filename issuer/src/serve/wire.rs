//! The bytes of one connection, between the transport and the HTTP library: every wait has an end, and heads are judged
//! before they are handed on.
//!
//! The head of a request of HTTP/1.1 is handed on when it is complete. One that is refused is replaced by [`STAND_IN`], so that
//! the refusal is answered as every other one, in its turn; nothing that comes after it is read.

use super::activity::Activity;
use super::head::{self, Framing, HeadError};
use crate::limits::{FRAME_BYTES, FRAME_BYTES_A_REQUEST, READ_BYTES};
use bytes::{Buf, BytesMut};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// What the HTTP library reads in the place of a head that is refused.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nHost: refused.invalid\r\nConnection: close\r\n\r\n";

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// For a whole head, from the first moment of the connection, or from the first byte of a later head.
    pub(super) head: Duration,
    /// For the first byte of a later request.
    pub(super) idle: Duration,
    /// For the other side to take an answer, from the moment at which it takes nothing more.
    pub(super) write: Duration,
    /// The most bytes of a head.
    pub(super) head_bytes: usize,
}

/// The bytes of one connection.
pub(super) struct Wire<S> {
    stream: S,
    waits: Waits,
    activity: Arc<Activity>,
    /// What has come and was not handed on.
    came: BytesMut,
    /// How much of it was looked at and has no end of a head.
    seen: usize,
    /// How much of it may be handed on.
    ready: usize,
    expects: Expects,
    /// Of HTTP/2: bytes that were read, and requests that were answered when it was last looked at.
    read: usize,
    answered: usize,
    reading: Deadline,
    writing: Deadline,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Head {
        is_first: bool,
    },
    /// As many bytes of a body.
    Body(u64),
    /// A body in chunks; its connection takes no request behind it.
    Chunks,
    /// Nothing that is read.
    Nothing,
    /// Frames of HTTP/2.
    Frames,
}

impl<S> Wire<S> {
    /// For HTTP/1.1.
    pub(super) fn new(stream: S, waits: Waits, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            waits,
            activity,
            came: BytesMut::new(),
            seen: 0,
            ready: 0,
            expects: Expects::Head { is_first: true },
            read: 0,
            answered: 0,
            reading: Deadline::default(),
            writing: Deadline::default(),
        }
    }

    /// For HTTP/2, whose frames are the library's to judge.
    pub(super) fn of_frames(stream: S, waits: Waits, activity: Arc<Activity>) -> Self {
        Self { expects: Expects::Frames, ..Self::new(stream, waits, activity) }
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    /// Waits for a head that may be handed on. False when the other side has ended instead.
    fn poll_head(&mut self, cx: &mut Context<'_>, is_first: bool) -> Poll<io::Result<bool>> {
        loop {
            // Nothing is handed on while a request is being answered: requests are judged one by one.
            let is_idle = self.activity.is_idle();
            if is_idle && self.judge(is_first) {
                return Poll::Ready(Ok(true));
            }
            if self.came.len() < self.waits.head_bytes {
                let is_begun = !self.came.is_empty();
                match self.poll_more(cx)? {
                    Poll::Ready(0) => return Poll::Ready(Ok(false)),
                    Poll::Ready(_) if is_begun || is_first => continue,
                    Poll::Ready(_) => {
                        self.reading.clear();
                        continue;
                    }
                    Poll::Pending => {}
                }
            }
            if is_idle {
                ready!(self.poll_wait(cx, is_first));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            if self.activity.is_busy_until(cx.waker()) {
                return Poll::Pending;
            }
        }
    }

    /// Ends when nobody waits any longer for what comes next.
    fn poll_wait(&mut self, cx: &mut Context<'_>, is_first: bool) -> Poll<()> {
        let is_head = is_first || !self.came.is_empty();
        self.reading.poll(cx, if is_head { self.waits.head } else { self.waits.idle })
    }

    /// Whether what has come is a head, which is judged then.
    fn judge(&mut self, is_first: bool) -> bool {
        // RFC 9112 section 2.2: an empty line before a later request is a mistake of old clients.
        if !is_first && self.seen == 0 && self.came.starts_with(b"\r\n") {
            self.came.advance(2);
        }
        let found = match head::length(&self.came, self.seen) {
            Ok(Some(length)) if length > self.waits.head_bytes => Err(HeadError::TooLarge),
            Ok(Some(length)) => {
                head::framing(&self.came[..length]).map(|framing| (length, framing))
            }
            Ok(None) if self.came.len() >= self.waits.head_bytes => Err(HeadError::TooLarge),
            Ok(None) => {
                self.seen = self.came.len();
                return false;
            }
            Err(error) => Err(error),
        };
        self.seen = 0;
        self.reading.clear();
        match found {
            Ok((length, framing)) => self.accept(length, framing),
            Err(error) => {
                self.activity.refuse(error);
                self.came = BytesMut::from(STAND_IN);
                self.ready = STAND_IN.len();
                self.expects = Expects::Nothing;
            }
        }
        true
    }

    fn accept(&mut self, length: usize, framing: Framing) {
        self.ready = length;
        self.expects = match framing {
            Framing::Length(0) => Expects::Head { is_first: false },
            Framing::Length(length) => Expects::Body(length),
            Framing::Chunked => {
                self.activity.close();
                Expects::Chunks
            }
        };
    }

    /// Reads what there is behind what has come: how much that was.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bytes = [MaybeUninit::uninit(); READ_BYTES];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        self.came.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Hands on what is ready, as far as there is room: how much that was.
    fn hand_on(&mut self, buffer: &mut ReadBuf<'_>) -> usize {
        let length = self.ready.min(buffer.remaining());
        buffer.put_slice(&self.came[..length]);
        self.came.advance(length);
        self.ready -= length;
        length
    }

    /// Hands on what has come or comes, at most so much: how much that was.
    fn poll_through(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        most: usize,
    ) -> Poll<io::Result<usize>> {
        if !self.came.is_empty() {
            self.ready = self.came.len().min(most);
            let length = self.hand_on(buffer);
            self.ready = 0;
            return Poll::Ready(Ok(length));
        }
        let most = most.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
        let length = part.filled().len();
        buffer.advance(length);
        Poll::Ready(Ok(length))
    }

    /// Frames of HTTP/2: no more bytes than so many for each request that was answered, so that frames which ask for nothing
    /// end their connection.
    fn poll_frames(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            // Frames that ask for nothing do not keep a connection: what does are requests.
            let answered = self.activity.answered();
            let is_idle = self.activity.is_idle();
            if answered != self.answered || !is_idle {
                self.answered = answered;
                self.reading.clear();
            }
            if let Poll::Ready(length) = self.poll_through(cx, buffer, usize::MAX)? {
                self.read = self.read.saturating_add(length);
                let most = answered.saturating_mul(FRAME_BYTES_A_REQUEST);
                return Poll::Ready(match self.read > most.saturating_add(FRAME_BYTES) {
                    true => Err(io::Error::other("more frames than requests need")),
                    false => Ok(()),
                });
            }
            if is_idle {
                ready!(self.poll_wait(cx, answered == 0));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            if self.activity.is_busy_until(cx.waker()) {
                return Poll::Pending;
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ready > 0 {
            this.hand_on(buffer);
            return Poll::Ready(Ok(()));
        }
        match this.expects {
            Expects::Head { is_first } => {
                if ready!(this.poll_head(cx, is_first))? {
                    this.hand_on(buffer);
                }
            }
            Expects::Body(left) => {
                let most = usize::try_from(left).unwrap_or(usize::MAX);
                let left = left - ready!(this.poll_through(cx, buffer, most))? as u64;
                this.expects = match left {
                    0 => Expects::Head { is_first: false },
                    left => Expects::Body(left),
                };
            }
            Expects::Chunks => _ = ready!(this.poll_through(cx, buffer, usize::MAX))?,
            Expects::Nothing => {
                while ready!(this.poll_more(cx))? > 0 {
                    this.came.clear();
                }
            }
            Expects::Frames => return this.poll_frames(cx, buffer),
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Wire<S> {
    /// Nothing more is taken: an end to that.
    fn stalled<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.writing.poll(cx, self.waits.write));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write(cx, bytes) {
            Poll::Pending => this.stalled(cx),
            written => written,
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write_vectored(cx, parts) {
            Poll::Pending => this.stalled(cx),
            written => written,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(cx) {
            Poll::Pending => this.stalled(cx),
            flushed => {
                this.writing.clear();
                flushed
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_shutdown(cx) {
            Poll::Pending => this.stalled(cx),
            ended => ended,
        }
    }
}

/// A moment that may be set, and comes.
#[derive(Default)]
struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Deadline {
    fn clear(&mut self) {
        self.is_set = false;
    }

    /// Ends when it has come; it is set this far from here unless it is set already.
    fn poll(&mut self, cx: &mut Context<'_>, wait: Duration) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
        if !self.is_set {
            sleep.as_mut().reset(Instant::now() + wait);
            self.is_set = true;
        }
        sleep.as_mut().poll(cx)
    }
}
