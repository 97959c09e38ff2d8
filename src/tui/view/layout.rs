//! Where everything is, as a function of the terminal's size and of what is open.
//!
//! One pane at a time below [`Model::narrow`]'s columns. As rows get fewer, the rule below the header goes first, then the hint bar,
//! then the rule above the composer; below [`LEAST`] one sentence is all there is.

use ratatui::layout::Rect;

use crate::tui::model::{Focus, Model};

/// Fewer columns or rows than this take one sentence.
const LEAST: (u16, u16) = (20, 5);

/// Rows from which on there is a rule below the header, a bar of hints, and a rule above the composer.
const HEADER_RULE_FROM: u16 = 24;
const HINTS_FROM: u16 = 12;
const COMPOSER_RULE_FROM: u16 = 8;

/// Below this many rows or columns messages are drawn without head lines and empty lines.
const COMPACT: (u16, u16) = (30, 12);

/// The pieces of the screen; an absent one has no cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub header: Rect,
    pub header_rule: Rect,
    pub list: Rect,
    /// The rule between list and conversation.
    pub divider: Rect,
    pub conversation: Rect,
    /// The title of the conversation: its first row, or where the header would be.
    pub title: Rect,
    /// Hints, or a sentence about what just happened.
    pub foot: Rect,
    /// There is a rule above the composer.
    pub composer_rule: bool,
    /// Messages in as few rows as can be.
    pub compact: bool,
}

/// The plan of the screen; `None` if only a sentence has room. `foot` is how many rows what has to be said at the bottom takes.
pub fn plan(model: &Model, screen: Rect, foot: u16) -> Option<Plan> {
    let Rect { width, height, .. } = screen;
    if width < LEAST.0 || height < LEAST.1 {
        return None;
    }
    let hints = u16::from(height >= HINTS_FROM);
    let (body, foot) = split_bottom(screen, foot.max(hints).min(height / 3));
    let mut plan = Plan {
        foot,
        composer_rule: height >= COMPOSER_RULE_FROM,
        compact: width < COMPACT.0 || height < COMPACT.1,
        ..Plan::default()
    };
    let header_rule = u16::from(height >= HEADER_RULE_FROM);
    let (header, rest) = split_top(body, 1);
    let (rule, panes) = split_top(rest, header_rule);
    plan.header_rule = rule;
    if !model.narrow() {
        let columns = list_columns(width);
        let conversation = inset(panes, columns + 1, 0);
        plan.header = header;
        plan.list = Rect { width: columns, ..panes };
        plan.divider = Rect { x: panes.x + columns, width: 1, ..panes };
        (plan.title, plan.conversation) = split_top(conversation, 1);
    } else if model.focus == Focus::List || model.open.is_none() {
        plan.header = header;
        plan.list = panes;
    } else {
        plan.title = header;
        plan.conversation = panes;
    }
    Some(plan)
}

/// 26 columns of 80, 32 of 120, at most 36.
fn list_columns(width: u16) -> u16 {
    (26 + width.saturating_sub(80) * 3 / 20).min(36)
}

/// The first `rows` rows of an area, and the rest.
pub fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// All but the last `rows` rows of an area, and those.
pub fn split_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    split_top(area, area.height.saturating_sub(rows))
}

/// The area without `left` columns at its left and `right` at its right.
pub fn inset(area: Rect, left: u16, right: u16) -> Rect {
    let left = left.min(area.width);
    Rect { x: area.x + left, width: area.width.saturating_sub(left + right), ..area }
}
