//! What befalls requests by chance.

use http::Method;

/// What befalls requests by chance, drawn from a seed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Weather {
    pub(super) seed: u64,
    /// How many requests of a hundred are struck.
    pub(super) percent: u8,
}

/// What strikes one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Strike {
    /// The connection breaks before anything happens.
    LostBefore,
    /// It happens, and nobody hears of it.
    LostAfter,
    /// 429 or 503: later.
    Later(u16),
    /// A neighbour's write stands in the way.
    Busy,
    /// A refusal for good; of a PUT something may be left all the same.
    Refused { leaves: bool },
}

impl Weather {
    pub(super) fn strike(&mut self, method: &Method) -> Option<Strike> {
        let drawn = self.draw();
        if drawn % 100 >= u64::from(self.percent) {
            return None;
        }
        let reads = *method == Method::GET;
        Some(match self.draw() % 12 {
            0 | 1 => Strike::LostBefore,
            2..=4 if !reads => Strike::LostAfter,
            5 => Strike::Later(429),
            6 => Strike::Later(503),
            7 if !reads => Strike::Busy,
            8 if !reads => Strike::Refused { leaves: true },
            9 | 10 => Strike::Refused { leaves: false },
            _ => return None,
        })
    }

    /// The next of a sequence that the seed decides (splitmix64).
    fn draw(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) >> 8
    }
}
