//! One page: how it is looked at, what it does, what it asks for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::wire::Wire;

/// Colours that a person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

/// What a page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    Screen,
    Paper,
}

/// A screen, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) scheme: Scheme,
}

/// A page of a browser.
pub(crate) struct Page<'b> {
    wire: &'b mut Wire,
    session: String,
    look: Look,
}

impl<'b> Page<'b> {
    pub(super) fn attached(wire: &'b mut Wire, session: &str) -> Self {
        let look = Look { width: 1280, height: 800, scheme: Scheme::Light };
        let mut page = Self { wire, session: session.to_owned(), look };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.look(look);
        page
    }

    #[track_caller]
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.wire.call(Some(&self.session), method, params)
    }

    /// Opens a file, and waits until all of it is there. What it says and asks for counts from here.
    #[track_caller]
    pub(crate) fn open(&mut self, path: &Path) {
        self.wire.forget();
        let url = file_url(path);
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.wire.wait_for("Page.loadEventFired");
        self.settle();
    }

    /// Waits until what was asked for is on the screen: scrolling is told of in the frame after it.
    #[track_caller]
    fn settle(&mut self) {
        self.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
    }

    /// Shows the page as such a screen does.
    pub(crate) fn look(&mut self, look: Look) {
        let Look { width, height, .. } = look;
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        self.look = look;
        self.medium(Medium::Screen);
    }

    /// How wide the screen is.
    pub(crate) fn width(&self) -> u32 {
        self.look.width
    }

    /// Shows the page on a screen, or as it is printed.
    pub(crate) fn medium(&mut self, medium: Medium) {
        let media = match medium {
            Medium::Screen => "",
            Medium::Paper => "print",
        };
        let value = match self.look.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        // What glides is somewhere else each time it is looked at.
        let features = json!([
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        let emulated = json!({ "media": media, "features": features });
        self.call("Emulation.setEmulatedMedia", emulated);
    }

    /// The value of an expression, awaited if it is a promise.
    #[track_caller]
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let mut answer = self.call("Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// What the page complained about: errors and warnings of scripts, styles and loading.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let complaint = |event: &Value| {
            let params = &event["params"];
            let is_bad = |level: &Value| level == "error" || level == "warning";
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" if is_bad(&params["type"]) => {
                    Some(params["args"].to_string())
                }
                "Log.entryAdded" if is_bad(&params["entry"]["level"]) => {
                    Some(params["entry"]["text"].to_string())
                }
                _ => None,
            }
        };
        self.wire.events().iter().filter_map(complaint).collect()
    }

    /// The addresses of everything that was asked for, the page itself included.
    pub(crate) fn requests(&self) -> Vec<String> {
        let events = self.wire.events().iter();
        let sent = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }

    /// Moves the mouse to the middle of the first element that `selector` finds.
    #[track_caller]
    pub(crate) fn hover(&mut self, selector: &str) {
        let at = self.middle(selector);
        let moved = json!({ "type": "mouseMoved", "x": at[0], "y": at[1] });
        self.call("Input.dispatchMouseEvent", moved);
    }

    /// Clicks there.
    #[track_caller]
    pub(crate) fn click(&mut self, selector: &str) {
        let at = self.middle(selector);
        for kind in ["mousePressed", "mouseReleased"] {
            let button = json!({
                "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", button);
        }
    }

    /// Where the middle of an element is, once it is in view.
    #[track_caller]
    fn middle(&mut self, selector: &str) -> Value {
        let script = format!(
            "(() => {{ const found = document.querySelector({});
             found.scrollIntoView({{ block: 'center', inline: 'center' }}); }})()",
            Value::from(selector)
        );
        self.evaluate(&script);
        self.settle();
        let script = format!(
            "(() => {{ const found = document.querySelector({});
             const box = found.getBoundingClientRect();
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            Value::from(selector)
        );
        self.evaluate(&script)
    }

    /// Types a key by its name: `Tab`, `Enter`, `Escape`, `ArrowRight`.
    pub(crate) fn key(&mut self, name: &str) {
        let code = match name {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => panic!("the code of {name} is not known here"),
        };
        let text = if name == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let key = json!({
                "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code,
                "text": text,
            });
            self.call("Input.dispatchKeyEvent", key);
        }
        self.settle();
    }

    /// Puts a picture of the whole page, not only of what is in view, into a PNG file.
    pub(crate) fn screenshot(&mut self, path: &Path) {
        let size = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].take();
        let clip = json!({
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1,
        });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.call("Page.captureScreenshot", asked);
        let picture = data_encoding::BASE64.decode(answer["data"].as_str().unwrap().as_bytes());
        fs::write(path, picture.unwrap()).unwrap();
    }
}

/// The address of a file, whose name may hold anything.
pub(crate) fn file_url(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let path = path.canonicalize().unwrap();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let encoded = path.as_os_str().as_bytes().iter().map(|&byte| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("file://{}", encoded.collect::<String>())
}
