//! Numbers that look random and come from a seed.

/// `SplitMix64` (Steele, Lea & Flood 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

/// How the noise of a series is distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// Normal.
    Gaussian,
    /// Even between two bounds.
    Uniform,
    /// Normal in the logarithm.
    Lognormal,
    /// With a long tail upwards: lognormal with a logarithm of deviation 0.6, moved and scaled;
    /// its skewness is 2.3.
    Skewed,
}

/// The deviation of the logarithm of skewed noise.
const SKEW: f64 = 0.6;

impl Random {
    /// The numbers of `seed` for what is called `name`: those of one kind do not depend on which
    /// other kinds there are.
    pub fn of(seed: u64, name: &str) -> Self {
        // FNV-1a.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(Self(seed).bits() ^ hash)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and without, 1.
    #[expect(clippy::cast_precision_loss, reason = "both have 53 bits")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        let count = (most.saturating_sub(least) + 1) as u64;
        least + usize::try_from(self.bits() % count).unwrap_or(0)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// From the standard normal distribution (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.unit()).cos()
    }

    /// A factor around 1 of this standard deviation.
    pub fn factor(&mut self, noise: Noise, deviation: f64) -> f64 {
        match noise {
            Noise::Gaussian => 1.0 + deviation * self.normal(),
            Noise::Uniform => 1.0 + deviation * 12_f64.sqrt() * (self.unit() - 0.5),
            Noise::Lognormal => (deviation * self.normal()).exp(),
            Noise::Skewed => skewed(deviation, (SKEW * self.normal()).exp()),
        }
    }
}

impl Noise {
    /// The median of the factors of this standard deviation.
    pub fn median(self, deviation: f64) -> f64 {
        match self {
            Self::Gaussian | Self::Uniform | Self::Lognormal => 1.0,
            Self::Skewed => skewed(deviation, 1.0),
        }
    }
}

/// A lognormal value of median 1, moved and scaled to be a factor of mean 1 and this deviation.
fn skewed(deviation: f64, value: f64) -> f64 {
    let mean = (SKEW * SKEW / 2.0).exp();
    let spread = mean * (SKEW * SKEW).exp_m1().sqrt();
    1.0 + deviation * (value - mean) / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_noise_is_around_1_and_as_wide_as_asked_for() {
        for noise in [Noise::Gaussian, Noise::Uniform, Noise::Lognormal, Noise::Skewed] {
            let mut random = Random::of(1, "noise");
            let values: Vec<f64> = (0..10_000).map(|_| random.factor(noise, 0.05)).collect();
            let mean = values.iter().sum::<f64>() / 1e4;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 1e4;
            assert!((mean - 1.0).abs() < 0.005, "{noise:?}: {mean}");
            assert!((0.047..0.053).contains(&variance.sqrt()), "{noise:?}: {variance}");
            let smaller = values.iter().filter(|value| **value < noise.median(0.05)).count();
            assert!((4_850..5_150).contains(&smaller), "{noise:?}: {smaller}");
        }
    }
}
