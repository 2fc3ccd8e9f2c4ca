//! What holds of an arena after each operation.

use super::{Arena, Shape, NONE};
use crate::error::{ensure, Valid};

impl Arena {
    /// Each page's places are used or free, pages with room are in the list of their class, those without memory among the spare ones,
    /// no shape has two classes, and there are so many keys.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn validate(&self, keys: usize) -> Valid {
        let (mut used, mut with_room, mut bare) = (0, 0, 0);
        for (cells, (_, page)) in self.cells.iter().zip(self.pages.iter()) {
            used += page.used as usize;
            if page.used == 0 {
                bare += 1;
                continue;
            }
            let (held, stride) = (&cells.held, cells.shape.stride());
            let (mut free, mut at) = (0, page.free);
            while at != NONE {
                free += 1;
                ensure(free * stride <= held.len(), "arena: free places in a circle")?;
                let Some(next) = held.get(at as usize) else {
                    return Err("arena: a free place that is none");
                };
                at = *next as u32;
            }
            ensure((free + page.used as usize) * stride == held.len(), "arena: a place is lost")?;
            let class = self.classes.get(page.class as usize).map(|class| class.shape);
            ensure(class == Some(cells.shape).filter(Shape::is_short), "arena: a page of another class")?;
            with_room += usize::from(cells.shape.is_short() && page.has_room(cells));
        }
        ensure(used == keys, "arena: as many keys as slots in use")?;
        let mut listed = 0;
        for (id, class) in self.classes.iter().enumerate() {
            let (mut prev, mut at) = (NONE, class.room);
            while let Some(page) = self.pages.get(at as usize).filter(|_| at != NONE) {
                let Some(cells) = self.cells.get(at as usize) else { return Err("arena: no such page") };
                ensure(
                    page.prev == prev && page.class as usize == id,
                    "arena: a page in a list not its own",
                )?;
                ensure(page.has_room(cells), "arena: a full page among those with room")?;
                listed += 1;
                ensure(listed <= self.cells.len(), "arena: pages in a circle")?;
                (prev, at) = (at, page.next);
            }
            let pages = self.cells.iter().zip(self.pages.iter());
            let pages = pages.filter(|(_, (_, page))| page.class as usize == id).count();
            ensure(pages == class.pages as usize, "arena: pages of a class")?;
            let twins = self.classes.iter().filter(|other| other.shape == class.shape).count();
            ensure(twins == 1, "arena: two classes of one shape")?;
        }
        ensure(listed >= with_room, "arena: a page with room is lost")?;
        let (mut spares, mut at) = (0, self.spare);
        while let Some(cells) = self.cells.get(at as usize) {
            spares += 1;
            ensure(cells.held.capacity() == 0 && spares <= bare, "arena: a spare page with memory")?;
            at = self.pages.get(at as usize).map_or(NONE, |page| page.next);
        }
        Ok(())
    }
}
