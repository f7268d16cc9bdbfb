//! HTML written so that it cannot be written wrong: every text and every attribute is escaped here, and nowhere else.

/// A piece of finished HTML.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

/// An element under construction.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    inner: String,
}

/// An empty element called `name`.
pub(super) fn el(name: &'static str) -> Element {
    Element { name, attributes: String::new(), inner: String::new() }
}

impl Element {
    /// With an attribute.
    pub(super) fn attr(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self.attributes.push_str("=\"");
        escape(value, &mut self.attributes);
        self.attributes.push('"');
        self
    }

    /// With an attribute that has no value, such as `hidden`.
    pub(super) fn flag(mut self, name: &'static str) -> Self {
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self
    }

    /// With text at the end of what it holds.
    pub(super) fn text(mut self, text: &str) -> Self {
        escape(text, &mut self.inner);
        self
    }

    /// With a style sheet, a script or a drawing of ours at the end of what it holds, taken as it is.
    pub(super) fn constant(mut self, text: &'static str) -> Self {
        self.inner.push_str(text);
        self
    }

    /// With a piece of HTML at the end of what it holds.
    pub(super) fn child(mut self, child: impl Into<Html>) -> Self {
        self.inner.push_str(&child.into().0);
        self
    }

    /// With several pieces at the end of what it holds.
    pub(super) fn children<T: Into<Html>>(self, children: impl IntoIterator<Item = T>) -> Self {
        children.into_iter().fold(self, Self::child)
    }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        let Element { name, attributes, inner } = element;
        // Void elements have no end tag (HTML, section 13.1.2).
        if matches!(name, "meta" | "link" | "input" | "br") {
            return Self(format!("<{name}{attributes}>"));
        }
        Self(format!("<{name}{attributes}>{inner}</{name}>"))
    }
}

impl Html {
    /// The document that consists of this element.
    pub(super) fn into_document(self) -> String {
        format!("<!doctype html>\n{}\n", self.0)
    }
}

fn escape(text: &str, to: &mut String) {
    for character in text.chars() {
        match character {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            other => to.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_typed_stays_text() {
        let html: Html = el("p")
            .attr("title", "\"><script>")
            .text("<script>alert('été')</script> & co")
            .child(el("br"))
            .child(el("b").text("2 < 3"))
            .into();
        assert_eq!(
            html.into_document(),
            "<!doctype html>\n<p title=\"&quot;&gt;&lt;script&gt;\">&lt;script&gt;alert(&#39;été&#39;)&lt;/script&gt; \
             &amp; co<br><b>2 &lt; 3</b></p>\n"
        );
    }
}
