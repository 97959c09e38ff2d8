//! The terms of service that a newcomer is to agree to, as plain text.
//!
//! They come as text with marks on it. Of those only links to elsewhere matter for what one agrees to, and where they lead would be lost
//! without them, so each is written out behind its words; everything else about the looks is left out.

use grammers_tl_types::enums;

/// What a server wants newcomers to agree to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Hostile text, of several lines, with its links written out.
    pub text: String,
    /// Whoever agrees says that they are at least so old, years.
    pub min_age: Option<u32>,
}

/// `None` if there is nothing to agree to. Whether they are to be shown by themselves or behind a link is for programs with more room: here
/// they are always shown.
pub(super) fn read(terms: enums::help::TermsOfService) -> Option<Terms> {
    let enums::help::TermsOfService::Service(terms) = terms;
    let min_age =
        terms.min_age_confirm.and_then(|years| u32::try_from(years).ok()).filter(|years| *years > 0);
    let text = written_out(&terms.text, &terms.entities);
    (!text.trim().is_empty() || min_age.is_some()).then_some(Terms { text, min_age })
}

/// The text with the address of each link behind its words.
fn written_out(text: &str, marks: &[enums::MessageEntity]) -> String {
    let link = |mark: &enums::MessageEntity| match mark {
        enums::MessageEntity::TextUrl(link) => {
            Some((link.offset.checked_add(link.length)?, link.url.clone()))
        }
        _ => None,
    };
    let mut links: Vec<(i32, String)> = marks.iter().filter_map(link).collect();
    links.sort_by_key(|(end, _)| *end);
    let mut links = links.into_iter().peekable();
    let mut written = String::with_capacity(text.len());
    // Marks count in units of UTF-16.
    let mut passed = 0_i32;
    for c in text.chars() {
        while let Some((_, url)) = links.next_if(|(end, _)| *end <= passed) {
            write_url(&mut written, &url);
        }
        written.push(c);
        passed = passed.saturating_add(if c.len_utf16() == 2 { 2 } else { 1 });
    }
    links.for_each(|(_, url)| write_url(&mut written, &url));
    written
}

/// One that is its own words is not said twice.
fn write_url(written: &mut String, url: &str) {
    if !written.ends_with(url) {
        written.push_str(" (");
        written.push_str(url);
        written.push(')');
    }
}

#[cfg(test)]
mod tests {
    use grammers_tl_types::types;

    use super::*;

    fn link(offset: i32, length: i32, url: &str) -> enums::MessageEntity {
        types::MessageEntityTextUrl { offset, length, url: url.into() }.into()
    }

    fn terms(text: &str, entities: Vec<enums::MessageEntity>, min_age_confirm: Option<i32>) -> Option<Terms> {
        let id = types::DataJson { data: "{}".into() }.into();
        let terms =
            types::help::TermsOfService { popup: false, id, text: text.into(), entities, min_age_confirm };
        read(terms.into())
    }

    #[test]
    fn links_say_where_they_lead() {
        let bold = types::MessageEntityBold { offset: 0, length: 2 }.into();
        let read = terms(
            "🌹 the rules and more\nhttps://c",
            vec![link(17, 4, "https://b"), bold, link(3, 9, "https://a"), link(22, 9, "https://c")],
            Some(16),
        );
        let text = "🌹 the rules (https://a) and more (https://b)\nhttps://c".to_owned();
        assert_eq!(read, Some(Terms { text, min_age: Some(16) }));
    }

    #[test]
    fn links_from_nowhere_do_not_break_the_text() {
        for (offset, length) in [(-5, 2), (i32::MAX, i32::MAX), (0, i32::MAX), (1, -1), (1, 0)] {
            let text = terms("ab", vec![link(offset, length, "u")], None).map(|terms| terms.text);
            assert!(text.is_some_and(|text| text.replace(" (u)", "") == "ab"), "{offset} {length}");
        }
    }

    #[test]
    fn what_says_nothing_is_not_asked() {
        assert_eq!(terms(" \n", Vec::new(), None), None);
        assert_eq!(terms("", Vec::new(), Some(-1)), None);
        assert_eq!(terms("", Vec::new(), Some(18)), Some(Terms { text: String::new(), min_age: Some(18) }));
    }
}
