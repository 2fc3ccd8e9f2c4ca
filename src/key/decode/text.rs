//! Numbers, dates and sizes in JavaScript's words.

use super::tree::{BytesKind, Element};

/// `String(value)`, but -0 keeps its sign.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}Infinity");
    }
    let short = format!("{:e}", value.abs());
    let (mantissa, exponent) = short.split_once('e').unwrap_or((&short, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = i32::try_from(digits.len()).unwrap_or(0);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let (whole, rest) = digits.split_at_checked(usize::try_from(point).unwrap_or(1)).unwrap_or((&digits, ""));
    if (count..=21).contains(&point) {
        format!("{sign}{digits}{}", zeros(point - count))
    } else if (1..=21).contains(&point) {
        format!("{sign}{whole}.{rest}")
    } else if (-5..=0).contains(&point) {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{dot}{rest}e{:+}", point - 1)
    }
}

/// `toISOString()` of a time within a Date's range.
pub(super) fn date(time: f64) -> String {
    if time.is_nan() {
        return "invalid".into();
    }
    const DAY: i64 = 86_400_000;
    let time = time as i64;
    let (year, month, day) = civil(time.div_euclid(DAY));
    let ms = time.rem_euclid(DAY);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{year:+07}"),
    };
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
}

/// Days since 1970-01-01 as year, month and day. Years are counted from March, so a leap day is a year's last; 146,097 days
/// are 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The length of a key. Tenths are rounded in whole numbers, which every language does alike.
pub(super) fn size(cells: u64) -> String {
    let tenths = (cells * 10 + 64) / 128;
    if tenths < 10_240 {
        return format!("{}.{} KB", tenths / 10, tenths % 10);
    }
    let mega = (cells * 10 + 65_536) / 131_072;
    format!("{}.{} MB", mega / 10, mega % 10)
}

/// An element of a typed array from its little-endian bits.
pub(super) fn element(kind: BytesKind, bits: u64) -> String {
    let shift = 64 - 8 * kind.size as u32;
    let signed = (bits << shift) as i64 >> shift;
    match (kind.element, kind.size) {
        (Element::Signed, _) => signed.to_string(),
        (Element::Unsigned, _) => bits.to_string(),
        (Element::BigSigned, _) => format!("{signed}n"),
        (Element::BigUnsigned, _) => format!("{bits}n"),
        (Element::Float, 2) => number(half(bits as u16)),
        (Element::Float, 4) => number(f64::from(f32::from_bits(bits as u32))),
        (Element::Float, _) => number(f64::from_bits(bits)),
    }
}

/// A float of 16 bits.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(bits & 0x3ff);
    match i32::from(bits >> 10 & 0x1f) {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        exponent => sign * (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_javascript_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (-123.456, "-123.456"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.25e21, "1.25e+21"),
            (0.000001, "0.000001"),
            (0.0000015, "0.0000015"),
            (1e-7, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9007199254740993.0, "9007199254740992"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn dates_from_the_first_to_the_last() {
        for (time, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (-1.0, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000.0, "2000-02-29T00:00:00.000Z"),
            (8.64e15, "+275760-09-13T00:00:00.000Z"),
            (-8.64e15, "-271821-04-20T00:00:00.000Z"),
            (-62_167_219_200_000.0, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001.0, "-000001-12-31T23:59:59.999Z"),
            (253_402_300_800_000.0, "+010000-01-01T00:00:00.000Z"),
            (f64::NAN, "invalid"),
        ] {
            assert_eq!(date(time), text);
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(
            [0, 32, 6144, 131_072, 6_553_600].map(size),
            ["0.0 KB", "0.3 KB", "48.0 KB", "1.0 MB", "50.0 MB"]
        );
    }
}
