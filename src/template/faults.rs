//! From the template engine's report to findings with a person's file and line.

use super::Files;
use crate::finding::{Finding, Place};
use crate::phrase;

/// Everything that `report` complains of. It names `file:line:column` for each thing that is wrong.
pub(super) fn findings(files: &Files, report: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut message = "";
    for line in report.lines() {
        if let Some(text) = line.strip_prefix("error: ") {
            message = text;
        } else if let Some(locus) = line.trim_start().strip_prefix("--> ").filter(|_| !message.is_empty()) {
            findings.push(fault(located(files, locus), message));
            message = "";
        }
    }
    if findings.is_empty() { vec![unplaced(report)] } else { findings }
}

/// The first thing that `report` complains of.
pub(super) fn first(files: &Files, report: &str) -> Finding {
    findings(files, report).into_iter().next().unwrap_or_else(|| unplaced(report))
}

fn unplaced(report: &str) -> Finding {
    fault(Place::file("email_templates"), report.lines().next().unwrap_or_default())
}

fn fault(place: Place, message: &str) -> Finding {
    Finding::error("template.fault", place, phrase!("template-fault", why = message))
}

fn located(files: &Files, locus: &str) -> Place {
    let mut parts = locus.rsplitn(3, ':');
    let (column, line, name) = (parts.next(), parts.next(), parts.next().unwrap_or(locus));
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok());
    let file = files.get(name).map_or(name, |document| &document.name);
    Place { line: number(line), column: number(column), ..Place::file(file) }
}
