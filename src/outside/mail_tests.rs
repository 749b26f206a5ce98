use super::*;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::{Sender, SmtpUrl};

/// A mail server for one conversation that answers RCPT with `rcpt`, and gives what it was told.
async fn smtp_server(rcpt: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let conversation = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut heard = String::new();
        let mut in_data = false;
        writer.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.split(' ').next().unwrap_or_default() {
                "." => "250 kept",
                _ if in_data => continue,
                "RCPT" => rcpt,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            in_data = answer.starts_with("354");
            writer
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .unwrap();
            if answer.starts_with("250 kept") {
                break;
            }
        }
        heard
    });
    (url, conversation)
}

fn mailer(url: Option<&str>, issuer: &str) -> Mailer {
    let config = MailConfig {
        url: url.map(|url| SmtpUrl::parse(url).unwrap()),
        from: Some(Sender::parse("Tessera <id@example.com>").unwrap()),
    };
    Mailer::new(&config, &Issuer::parse(issuer).unwrap()).unwrap()
}

fn message() -> Message {
    Message {
        to: "ada@example.org".to_owned(),
        subject: "Confirm your address".to_owned(),
        text: "https://id.example.com/confirm".to_owned(),
        html: Some("<p>confirm</p>".to_owned()),
    }
}

#[tokio::test]
async fn a_message_arrives_as_text_and_html() {
    let (url, conversation) = smtp_server("250 ok").await;
    let mailer = mailer(Some(&url), "https://id.example.com");
    mailer.send(message()).await.unwrap();
    drop(mailer);
    let heard = conversation.await.unwrap();
    for part in [
        "MAIL FROM:<id@example.com>",
        "RCPT TO:<ada@example.org>",
        "From: Tessera <id@example.com>",
        "To: ada@example.org",
        "Subject: Confirm your address",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "https://id.example.com/confirm",
        "<p>confirm</p>",
    ] {
        assert!(heard.contains(part), "{part}\nnot in\n{heard}");
    }
}

#[tokio::test]
async fn rfc5321_4_2_1_a_5xx_is_permanent_and_a_4xx_is_transient() {
    for (answer, transient) in [("550 no such person", false), ("451 later", true)] {
        let (url, _conversation) = smtp_server(answer).await;
        let error = mailer(Some(&url), "https://id.example.com")
            .send(message())
            .await
            .unwrap_err();
        assert_eq!(error.is_transient(), transient, "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_transient() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = mailer(Some(&url), "https://id.example.com")
        .send(message())
        .await
        .unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn cwe_93_neither_address_nor_subject_can_add_a_header() {
    let mailer = mailer(None, "http://localhost:8080");
    for to in [
        "ada@example.org\r\nBcc: eve@example.net",
        "ada@example.org, eve@example.net",
        "Eve <ada@example.org>",
        "",
        "ada",
    ] {
        let mut message = message();
        message.to = to.to_owned();
        let result = mailer.send(message).await;
        assert!(
            matches!(result, Err(MailError::Permanent(_))),
            "{to:?}: {result:?}"
        );
    }
    let mut message = message();
    message.subject = "Hello\r\nBcc: eve@example.net".to_owned();
    let letter = String::from_utf8(mailer.letter(message).unwrap().formatted()).unwrap();
    assert!(!letter.contains("\nBcc"), "{letter}");
}

#[tokio::test]
async fn without_a_server_messages_go_to_the_log_on_loopback_only() {
    let trial = mailer(None, "http://localhost:8080");
    assert!(trial.can_send() && trial.send(message()).await.is_ok());
    let real = mailer(None, "https://id.example.com");
    assert!(!real.can_send());
    assert!(matches!(
        real.send(message()).await,
        Err(MailError::NotConfigured)
    ));
}

#[test]
fn a_body_does_not_print() {
    assert!(!format!("{:?}", message()).contains("confirm<"));
    assert!(!format!("{:?}", message()).contains("https://"));
}
