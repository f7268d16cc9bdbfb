//! A program that is called over HTTP, and answers as it is told.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A call that came in.
#[derive(Clone, Debug)]
pub struct Call {
    pub head: String,
    pub body: String,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.split_once(": ").filter(|(found, _)| *found == name));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head)).1
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A program that is called. It runs on a thread of its own.
pub struct Receiver {
    pub port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
    /// What is answered, the next one last; then 204.
    answers: Arc<Mutex<Vec<&'static str>>>,
}

impl Receiver {
    pub fn start(tls: Option<TlsAcceptor>) -> Self {
        let (calls, answers) = (Arc::default(), Arc::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, calls: Arc::clone(&calls), answers: Arc::clone(&answers) };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    match &tls {
                        None => hear(stream, &calls, &answers).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                hear(stream, &calls, &answers).await;
                            }
                        }
                    }
                }
            });
        });
        receiver
    }

    pub fn answers(&self, status: &'static str) {
        self.answers.lock().unwrap().push(status);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

async fn hear(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    calls: &Mutex<Vec<Call>>,
    answers: &Mutex<Vec<&'static str>>,
) {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        let Ok(read @ 1..) = stream.read(&mut some).await else { return };
        bytes.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() < length.map_or(0, |length| length.parse().unwrap()) {
            continue;
        }
        calls.lock().unwrap().push(Call { head: head.to_owned(), body: body.to_owned() });
        let status = answers.lock().unwrap().pop().unwrap_or("204 No Content");
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
        return;
    }
}
