//! Calls to a browser, and what it tells unasked.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::ChildStdin;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::{Value, json};

use crate::support::PATIENCE;

/// Both ways to a browser.
pub(super) struct Wire {
    to: ChildStdin,
    from: Receiver<Value>,
    calls: u64,
    /// Told unasked, in its order, and not yet taken.
    events: Vec<Value>,
}

impl Wire {
    pub(super) fn new(to: ChildStdin, from: impl Read + Send + 'static) -> Self {
        let (heard, receiver) = mpsc::channel();
        thread::spawn(move || {
            for message in BufReader::new(from).split(0) {
                let Ok(message) = message else { return };
                // Nobody may be listening any more.
                let _ = heard.send(serde_json::from_slice(&message).unwrap());
            }
        });
        Self { to, from: receiver, calls: 0, events: Vec::new() }
    }

    /// The result of a call; of a page where `session` names one.
    #[track_caller]
    pub(super) fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        loop {
            let mut answer = self.hear(method);
            if answer["id"] == self.calls {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    /// Waits for an event of this name, which comes after those that were taken.
    #[track_caller]
    pub(super) fn wait_for(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let event = self.hear(method);
            self.events.push(event);
        }
    }

    #[track_caller]
    fn hear(&mut self, what: &str) -> Value {
        match self.from.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(error) => panic!("the browser says nothing of {what}: {error}"),
        }
    }

    /// What was told so far.
    pub(super) fn events(&self) -> &[Value] {
        &self.events
    }

    /// What is told from here on is news.
    pub(super) fn forget(&mut self) {
        self.events.clear();
    }
}
