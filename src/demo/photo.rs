//! The photo that the cast sends: a bridge at dusk, painted when the demo starts.
//!
//! Painted rather than carried along, so that the program has no picture in it for the sake of its demonstration; large enough to be
//! fetched in pieces of a second and to look like something in half blocks.

use std::path::Path;

use image::{ImageError, Rgb, RgbImage};

/// Pixels.
const WIDTH: u32 = 480;
const HEIGHT: u32 = 300;

/// Where the water begins, and the road over it.
const WATER: f32 = 200.0;
const ROAD: f32 = 150.0;

/// Middle and radius of the sun.
const SUN: (f32, f32, f32) = (338.0, 128.0, 30.0);

/// Half the span of an arch, and the middles of the three.
const SPAN: f32 = 62.0;
const ARCHES: [f32; 3] = [90.0, 240.0, 390.0];

/// Writes it as a JPEG.
///
/// # Errors
/// The file cannot be written.
pub(super) fn paint(path: &Path) -> Result<(), ImageError> {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb(colour(x as f32, y as f32))).save(path)
}

fn colour(x: f32, y: f32) -> [u8; 3] {
    if y < WATER {
        return above(x, y);
    }
    // The water shows what is above it, darker, shorter, and broken by waves.
    let depth = y - WATER;
    let shift = (y * 0.9).sin() * (1.0 + depth * 0.05);
    above(x + shift, WATER - depth * 1.6).map(|part| (f32::from(part) * 0.62) as u8)
}

fn above(x: f32, y: f32) -> [u8; 3] {
    if is_bridge(x, y) {
        return [44, 30, 46];
    }
    let (sun_x, sun_y, radius) = SUN;
    let from_sun = (x - sun_x).hypot(y - sun_y);
    if from_sun < radius {
        return [255, 226, 170];
    }
    let dusk = (y / WATER).clamp(0.0, 1.0);
    let glow = (1.0 - (from_sun - radius) / 150.0).clamp(0.0, 1.0) * 0.5;
    let mix = |night: f32, day: f32, sun: f32| {
        let sky = night + (day - night) * dusk;
        (sky + (sun - sky) * glow) as u8
    };
    [mix(46.0, 232.0, 255.0), mix(38.0, 124.0, 205.0), mix(92.0, 116.0, 140.0)]
}

/// The road on its arches, with a lamp between each two.
fn is_bridge(x: f32, y: f32) -> bool {
    let road = (ROAD - 12.0..ROAD).contains(&y);
    let opening = |middle: &f32| (x - middle).hypot((y - WATER) * 1.45) < SPAN;
    let pier = (ROAD..WATER).contains(&y) && !ARCHES.iter().any(opening);
    let lamp =
        (y - ROAD + 44.0).abs() < 32.0 && [15.0, 165.0, 315.0, 465.0].iter().any(|at| (x - at).abs() < 2.0);
    road || pier || lamp
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_a_photo_that_others_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bridge.jpg");
        super::paint(&path).unwrap();
        let photo = image::open(&path).unwrap();
        assert_eq!((photo.width(), photo.height()), (super::WIDTH, super::HEIGHT));
        assert!(std::fs::metadata(&path).unwrap().len() < 100_000);
    }
}
