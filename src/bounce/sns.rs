//! Notices of Amazon SES, which come as JSON in a mail of the notification service.

use serde::Deserialize;

use super::texts::addresses_in;

/// A notice.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SesNotice {
    #[serde(alias = "eventType")]
    notification_type: String,
    bounce: Option<SesBounce>,
    complaint: Option<SesComplaint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SesBounce {
    #[serde(default)]
    bounced_recipients: Vec<SesRecipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SesComplaint {
    complaint_feedback_type: Option<String>,
}

/// One recipient of a notice.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SesRecipient {
    pub(super) email_address: Option<String>,
    pub(super) status: Option<String>,
    pub(super) diagnostic_code: Option<String>,
}

/// What a notice is about.
#[derive(Debug)]
pub(super) enum SesEvent {
    Bounced(Vec<SesRecipient>),
    Complained(Option<String>),
    Nothing,
}

/// The notice in `text`, if it is one.
pub(super) fn read(text: &str) -> Option<SesEvent> {
    let start = text.trim_start();
    if !start.starts_with('{') || !(start.contains("notificationType") || start.contains("eventType")) {
        return None;
    }
    // Mail wraps long lines, with or without a space.
    let joined = start.replace("\n ", "").replace('\n', "");
    let mut values = serde_json::Deserializer::from_str(&joined).into_iter::<SesNotice>();
    let notice = values.next()?.ok()?;
    Some(match (notice.notification_type.as_str(), notice.bounce, notice.complaint) {
        ("Bounce", Some(bounce), _) => SesEvent::Bounced(bounce.bounced_recipients),
        ("Complaint", _, complaint) => {
            SesEvent::Complained(complaint.and_then(|complaint| complaint.complaint_feedback_type))
        }
        _ => SesEvent::Nothing,
    })
}

impl SesRecipient {
    pub(super) fn addresses(&self) -> Vec<String> {
        self.email_address.as_deref().map(addresses_in).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_although_mail_has_wrapped_it() {
        let text = "{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{\"emailAddress\":\"a@exam\n ple.fr\",\
                    \"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}]}}\n-- \nIf you wish to stop";
        let Some(SesEvent::Bounced(recipients)) = read(text) else { panic!("{:?}", read(text)) };
        assert_eq!(recipients[0].addresses(), ["a@example.fr"]);
        assert!(read("hello").is_none());
    }
}
