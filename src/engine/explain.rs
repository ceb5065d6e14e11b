//! A plan as text: one line per step, with its reason.

use std::fmt;

use super::plan::{Action, Finish, Plan};

/// How many steps of each sort a plan has.
///
/// Prints as `31 to create, 2 to update`, or `nothing to do`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Nodes to make.
    pub create: usize,
    /// Nodes to change.
    pub update: usize,
    /// Nodes to delete and make anew.
    pub replace: usize,
    /// Nodes to delete.
    pub delete: usize,
    /// Found nodes to make ours.
    pub adopt: usize,
    /// Nodes to leave as they are.
    pub keep: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.create, "to create"),
            (self.adopt, "to adopt"),
            (self.update, "to update"),
            (self.replace, "to replace"),
            (self.delete, "to delete"),
        ];
        let words: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if words.is_empty() { f.write_str("nothing to do") } else { f.write_str(&words.join(", ")) }
    }
}

/// A plan to be read by people; steps that leave a node as wanted are left out.
pub struct Explanation<'a>(pub &'a Plan);

impl Plan {
    /// How many steps of each sort it has.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for step in &self.steps {
            let count = match step.action {
                Action::Create => &mut tally.create,
                Action::Update(_) => &mut tally.update,
                Action::Replace(_) => &mut tally.replace,
                Action::Delete => &mut tally.delete,
                Action::Adopt(_) => &mut tally.adopt,
                Action::Keep => &mut tally.keep,
            };
            *count += 1;
        }
        tally
    }

    /// The plan to be read by people.
    #[must_use]
    pub fn explain(&self) -> Explanation<'_> {
        Explanation(self)
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = || self.0.steps.iter().filter(|step| step.action != Action::Keep);
        let width = shown().map(|step| step.key.chars().count()).max().unwrap_or(0);
        for step in shown() {
            let sign = match step.action {
                Action::Create => "+",
                Action::Update(_) => "~",
                Action::Replace(_) => "-/+",
                Action::Delete => "-",
                Action::Adopt(_) => ">",
                Action::Keep => "",
            };
            let verb = step.action.verb();
            write!(f, "{sign:>3} {:width$}  {verb} the {}: {}", step.key, step.kind.noun, step.reason)?;
            match &step.within {
                Some(parent) => writeln!(f, " (with {parent})")?,
                None => writeln!(f)?,
            }
        }
        write!(f, "{}", self.0.tally())?;
        match self.0.finish {
            Finish::AfterAll => f.write_str(", then the whole is marked ready"),
            Finish::Reopen => f.write_str(", then the whole is marked unfinished"),
            Finish::WithPrimary | Finish::Unchanged => Ok(()),
        }
    }
}
