//! The endpoint of an operator that text messages are posted to. It takes nothing that is not signed.

use serde_json::Value;
use tessera::base::Secret;
use tessera::config::{Config, WebhookUrl};
use tessera::flows::letters::TextRequest;
use tessera::web::letters::write_text;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::World;

/// `sms.secret` of every test.
pub const SECRET: &str = "an example secret of 32 letters!";

/// An endpoint, and the world that posts to it.
pub struct Gateway {
    server: MockServer,
    world: World,
}

impl Gateway {
    /// A node beside `world` that can send text messages, and where they go.
    pub async fn beside(world: &World) -> (World, Self) {
        Self::beside_with(world, |_| {}).await
    }

    /// As [`Gateway::beside`], with other settings.
    pub async fn beside_with(world: &World, change: impl FnOnce(&mut Config)) -> (World, Self) {
        let server = MockServer::start().await;
        let url = WebhookUrl::parse(&format!("{}/texts?x=1", server.uri())).expect("a URL");
        let world = world
            .beside(|config| {
                config.codes.sms = true;
                config.sms.url = Some(url);
                config.sms.secret = Some(Secret::new(SECRET.to_owned()));
                change(config);
            })
            .await;
        let gateway = Self {
            server,
            world: world.clone(),
        };
        gateway.answers(202).await;
        (world, gateway)
    }

    /// From now on. What was heard before is forgotten.
    pub async fn answers(&self, status: u16) {
        self.server.reset().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status))
            .mount(&self.server)
            .await;
    }

    /// Delivers what is due, as the job does; how many messages were taken.
    pub async fn deliver(&self) -> usize {
        let tessera = &self.world.tessera;
        let (looks, issuer) = (tessera.looks(), tessera.config.server.issuer.clone());
        let write = move |text: &TextRequest| write_text(&looks, &issuer, text);
        tessera.deliver_texts(&write).await.expect("the database")
    }

    /// Delivers what is due; what arrived since the answer was set, each proven to be ours.
    pub async fn heard(&self) -> Vec<Value> {
        self.deliver().await;
        let requests = self.server.received_requests().await.expect("recorded");
        let now = self.world.tessera.now().seconds();
        requests
            .iter()
            .map(|request| {
                let header = |name: &str| {
                    let value = request.headers.get(name).expect(name);
                    value.to_str().expect("ASCII").to_owned()
                };
                assert_eq!(header("content-type"), "application/json");
                let (at, tag) = signature(&header("tessera-signature"));
                assert!(at <= now && now - at <= 300, "{at}");
                assert_eq!(tag, expected(at, request));
                let message: Value = serde_json::from_slice(&request.body).expect("JSON");
                assert_eq!(header("idempotency-key"), message["id"]);
                message
            })
            .collect()
    }

    /// The only message that arrived since, which is taken out.
    pub async fn only(&self) -> Value {
        let mut heard = self.heard().await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        self.answers(202).await;
        heard.remove(0)
    }

    /// The code in the only message.
    pub async fn code(&self) -> String {
        self.only().await["code"]
            .as_str()
            .expect("a code")
            .to_owned()
    }
}

fn signature(header: &str) -> (i64, String) {
    let (at, tag) = header.split_once(',').expect("two members");
    let at = at.strip_prefix("t=").expect("t").parse().expect("seconds");
    (at, tag.strip_prefix("v1=").expect("v1").to_owned())
}

/// RFC 2104, written out: what tests a signature must not be what makes it.
fn expected(at: i64, request: &Request) -> String {
    use sha2::{Digest as _, Sha256};
    let mut block = [0_u8; 64];
    block[..SECRET.len()].copy_from_slice(SECRET.as_bytes());
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(format!("{at}.").as_bytes())
        .chain_update(&request.body)
        .finalize();
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize();
    outer
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
