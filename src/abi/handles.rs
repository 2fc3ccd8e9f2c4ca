//! Things that JavaScript holds by number.

/// Items by handle. A handle is a place (20 bits, from 1) and how often that place was used before (12
/// bits), so one that was freed stays wrong until its place has been used 4,096 times more.
pub struct Handles<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

struct Place<T> {
    uses: u32,
    item: Option<T>,
}

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Handles<T> {
    const BITS: u32 = 20;
    const MOST: usize = (1 << Self::BITS) - 1;

    /// Keeps an item. `None` when there is no memory or no place.
    pub fn add(&mut self, item: T) -> Option<u32> {
        let at = match self.free.pop() {
            Some(at) => at,
            None if self.places.len() < Self::MOST => {
                self.places.try_reserve(1).ok()?;
                // So that `remove` needs no memory.
                self.free.try_reserve(self.places.len() + 1).ok()?;
                self.places.push(Place { uses: 0, item: None });
                self.places.len() as u32 - 1
            }
            None => return None,
        };
        let place = self.places.get_mut(at as usize)?;
        place.item = Some(item);
        Some(place.uses << Self::BITS | (at + 1))
    }

    #[inline]
    fn place(&mut self, handle: u32) -> Option<(u32, &mut Place<T>)> {
        let at = (handle & Self::MOST as u32).checked_sub(1)?;
        let place = self.places.get_mut(at as usize)?;
        (place.uses == handle >> Self::BITS).then_some((at, place))
    }

    /// The item of a handle.
    #[inline]
    pub fn get(&mut self, handle: u32) -> Option<&mut T> {
        self.place(handle)?.1.item.as_mut()
    }

    /// Drops the item of a handle; `None` when there was none.
    pub fn remove(&mut self, handle: u32) -> Option<()> {
        let (at, place) = self.place(handle)?;
        place.item.take()?;
        place.uses = (place.uses + 1) & (u32::MAX >> Self::BITS);
        self.free.push(at);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_handle_stays_wrong_while_its_place_is_used_again() {
        let mut handles = Handles::default();
        let first = handles.add('a').unwrap();
        let second = handles.add('b').unwrap();
        assert_eq!(handles.remove(first), Some(()));
        assert_eq!(handles.remove(first), None);
        for _ in 0..4094 {
            let next = handles.add('c').unwrap();
            assert_ne!(next, first);
            assert_eq!(handles.get(first), None);
            assert_eq!(handles.get(second), Some(&mut 'b'));
            handles.remove(next).unwrap();
        }
        assert_eq!(handles.places.len(), 2);
        assert!([0, u32::MAX, second + 1].iter().all(|wrong| handles.get(*wrong).is_none()));
    }
}
