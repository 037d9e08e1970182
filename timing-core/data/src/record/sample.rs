//! What statistics need of a row.

use crate::clock::UtcStamp;

/// When a phase ran, how long, and how it ended; small, because a file may have a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When the phase started.
    pub start: UtcStamp,
    /// Whole seconds.
    pub duration_seconds: u64,
    /// 0 is success.
    pub exit_code: i32,
}

impl Sample {
    /// Whether the phase exited with 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.exit_code == 0
    }
}

/// The newest `count` of `samples`, oldest first; of samples of one start the later ones are the
/// newer. Nothing is sorted but what is returned, because there may be a million.
#[must_use]
pub fn newest(samples: &[Sample], count: usize) -> Vec<Sample> {
    let mut places: Vec<(UtcStamp, usize)> =
        samples.iter().enumerate().map(|(place, sample)| (sample.start, place)).collect();
    let skipped = places.len().saturating_sub(count);
    if skipped > 0 && count > 0 {
        places.select_nth_unstable(skipped);
    }
    let mut places = places.split_off(skipped);
    places.sort_unstable();
    places.into_iter().filter_map(|(_, place)| samples.get(place).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_those_that_sorting_all_would_leave() {
        let starts = [5, 1, 9, 5, 3, 9, 2, 5];
        let samples: Vec<Sample> = (0..)
            .zip(starts)
            .map(|(number, start)| Sample {
                start: UtcStamp::from_unix_seconds(start),
                duration_seconds: number,
                exit_code: 0,
            })
            .collect();
        for count in 0..=starts.len() + 1 {
            let mut sorted = samples.clone();
            sorted.sort_by_key(|sample| sample.start);
            let expected = &sorted[sorted.len().saturating_sub(count)..];
            assert_eq!(newest(&samples, count), expected, "{count}");
        }
    }
}
