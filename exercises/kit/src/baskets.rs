//! Orders of several items, and the shop that they are from.

use crate::input::read;
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the shop sells, and how many pieces of each it has at first.
pub const STOCK: [(&str, i64); 5] = [("desk", 20), ("lamp", 20), ("chair", 20), ("shelf", 20), ("rug", 20)];

/// An order of the shop with everything that the customer put into the basket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basket {
    pub order_id: String,
    pub customer_id: String,
    /// When the customer ordered: `2026-11-21T10:15:30Z`.
    pub placed_at: String,
    pub items: Vec<Item>,
}

/// One line of an order. The same product may stand in two of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub product: String,
    pub quantity: i64,
    /// Of one piece.
    pub price_cents: i64,
}

/// The orders to place. By hand, without `KAFKACOURSE_INPUT`, twenty made-up ones.
///
/// # Panics
/// When the file that `KAFKACOURSE_INPUT` names cannot be read, or holds something else than such orders.
pub fn baskets() -> Vec<Basket> {
    read().unwrap_or_else(|| (0..20).map(made_up).collect())
}

fn made_up(i: usize) -> Basket {
    let item = |at: usize| Item {
        product: STOCK[at % STOCK.len()].0.to_owned(),
        quantity: 1 + at as i64 % 3,
        price_cents: 115 * (1 + at as i64 % 9),
    };
    Basket {
        order_id: format!("order-{i:03}"),
        customer_id: format!("customer-{}", i * 7 % 12),
        placed_at: format!("2026-11-21T10:{i:02}:00Z"),
        items: (0..=i % 3).map(|n| item(i + 2 * n)).collect(),
    }
}

/// The time now, as an event's `timestamp` says it: `2026-11-21T10:15:30Z`.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    written(since.as_secs())
}

/// Seconds since 1970, as RFC 3339 writes them.
fn written(seconds: u64) -> String {
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while days >= 365 + u64::from(leaps(year)) {
        days -= 365 + u64::from(leaps(year));
        year += 1;
    }
    let february = 28 + u64::from(leaps(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (day, hour, minute) = (days + 1, second / 3_600, second / 60 % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

fn leaps(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_written_as_people_read_it() {
        assert_eq!(written(0), "1970-01-01T00:00:00Z");
        assert_eq!(written(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(written(1_763_720_130), "2025-11-21T10:15:30Z");
        assert_eq!(written(4_107_542_399), "2100-02-28T23:59:59Z");
    }
}
