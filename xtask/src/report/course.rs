//! The durations of a phase over time, each or, where there are too many to see, as buckets that
//! keep what must not be lost: the shortest and the longest, the first and the last, every failure.

use timing_core::clock::UtcStamp;

/// The course of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Every run, the oldest first.
    Each(Vec<Point>),
    /// Runs put together.
    Buckets {
        /// How many there are.
        runs: usize,
        /// At least one, the oldest first; none is of no runs.
        buckets: Vec<Bucket>,
    },
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// When it started.
    pub start: UtcStamp,
    /// Whole seconds.
    pub seconds: u64,
    /// How it ended.
    pub ending: Ending,
    /// The exit code of its row.
    pub exit_code: i32,
    /// The commit that was deployed, where the row says it.
    pub commit: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With exit code 0.
    Success,
    /// The same, of a part of a deployment only (`FROM=`, `ONLY=`): it is compared with nothing.
    Part,
    /// With another exit code.
    Failure,
}

/// Runs that started in the same stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// When the first and the last of them started.
    pub time: (UtcStamp, UtcStamp),
    /// How many.
    pub runs: usize,
    /// What the successful ones took; `None` where none was.
    pub successes: Option<Range>,
    /// What the failed ones took, and how many these are.
    pub failures: Option<Range>,
    /// What the first and the last of all took, in seconds.
    pub ends: (u64, u64),
}

/// Durations in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Of so many runs, at least one.
    pub count: usize,
    /// The shortest.
    pub shortest: u64,
    /// The middle one; of an even number the longer.
    pub median: u64,
    /// The longest.
    pub longest: u64,
}

/// `points`, the oldest first, as at most `most` marks.
#[must_use]
pub fn course(points: Vec<Point>, most: usize) -> Course {
    let most = most.max(1);
    if points.len() <= most {
        return Course::Each(points);
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Course::Each(points);
    };
    let (first, span) = (first.start, last.start.unix_seconds() - first.start.unix_seconds());
    let place = |point: &Point| {
        let since = u128::from(point.start.unix_seconds().saturating_sub(first.unix_seconds()));
        since * most as u128 / (u128::from(span) + 1)
    };
    let buckets =
        points.chunk_by(|one, other| place(one) == place(other)).filter_map(Bucket::of).collect();
    Course::Buckets { runs: points.len(), buckets }
}

impl Course {
    /// How many runs it is of.
    #[must_use]
    pub fn runs(&self) -> usize {
        match self {
            Self::Each(points) => points.len(),
            Self::Buckets { runs, .. } => *runs,
        }
    }

    /// When the first and the last run started; `None` of no runs.
    #[must_use]
    pub fn time(&self) -> Option<(UtcStamp, UtcStamp)> {
        match self {
            Self::Each(points) => Some((points.first()?.start, points.last()?.start)),
            Self::Buckets { buckets, .. } => {
                Some((buckets.first()?.time.0, buckets.last()?.time.1))
            }
        }
    }

    /// What the longest run took, in seconds; 0 of no runs.
    #[must_use]
    pub fn longest(&self) -> u64 {
        let of = |bucket: &Bucket| {
            [bucket.successes, bucket.failures]
                .into_iter()
                .flatten()
                .map(|range| range.longest)
                .max()
        };
        match self {
            Self::Each(points) => points.iter().map(|point| point.seconds).max().unwrap_or(0),
            Self::Buckets { buckets, .. } => buckets.iter().filter_map(of).max().unwrap_or(0),
        }
    }
}

impl Bucket {
    fn of(points: &[Point]) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let seconds = |failed: bool| {
            let of = points.iter().filter(move |point| (point.ending == Ending::Failure) == failed);
            Range::of(of.map(|point| point.seconds).collect())
        };
        Some(Self {
            time: (first.start, last.start),
            runs: points.len(),
            successes: seconds(false),
            failures: seconds(true),
            ends: (first.seconds, last.seconds),
        })
    }
}

impl Range {
    fn of(mut seconds: Vec<u64>) -> Option<Self> {
        seconds.sort_unstable();
        Some(Self {
            count: seconds.len(),
            shortest: *seconds.first()?,
            median: *seconds.get(seconds.len() / 2)?,
            longest: *seconds.last()?,
        })
    }
}
