//! The addresses of subnets: who has which, and who is still seen in one.

use rusqlite::params;

use super::Store;

impl Store<'_> {
    /// The addresses of `subnet` that are taken.
    pub(in crate::simulator) fn taken_addresses(self, subnet: &str) -> rusqlite::Result<Vec<u32>> {
        self.all("SELECT address FROM addresses WHERE subnet = ?1 ORDER BY address", [subnet], |row| {
            row.get(0)
        })
    }

    pub(in crate::simulator) fn take_address(
        self,
        subnet: &str,
        address: u32,
        owner: &str,
        configuration: &str,
    ) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO addresses(subnet, address, owner, configuration) VALUES (?1, ?2, ?3, ?4)",
            params![subnet, address, owner, configuration],
        )?;
        Ok(())
    }

    /// Gives back every address of `owner`.
    pub(in crate::simulator) fn release(self, owner: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM addresses WHERE owner = ?1", [owner])?;
        Ok(())
    }

    /// The ids of the ip configurations that hold addresses of `subnet`.
    pub(in crate::simulator) fn configurations(self, subnet: &str) -> rusqlite::Result<Vec<String>> {
        self.all(
            "SELECT configuration FROM addresses WHERE subnet = ?1 GROUP BY configuration ORDER BY min(address)",
            [subnet],
            |row| row.get(0),
        )
    }

    /// The subnets and configurations in which `owner` holds addresses.
    pub(in crate::simulator) fn addresses_of(
        self,
        owner: &str,
    ) -> rusqlite::Result<Vec<(String, u32, String)>> {
        self.all(
            "SELECT subnet, address, configuration FROM addresses WHERE owner = ?1 ORDER BY address",
            [owner],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// Keeps `user` visible at `key` until the time has come.
    pub(in crate::simulator) fn linger(self, key: &str, user: &str, until: i64) -> rusqlite::Result<()> {
        self.run("INSERT INTO lingering(key, user, until) VALUES (?1, ?2, ?3)", params![key, user, until])?;
        Ok(())
    }

    /// Who is still seen at `key`.
    pub(in crate::simulator) fn lingering(self, key: &str, now: i64) -> rusqlite::Result<Vec<String>> {
        self.run("DELETE FROM lingering WHERE until <= ?1", [now])?;
        self.all("SELECT user FROM lingering WHERE key = ?1", [key], |row| row.get(0))
    }

    /// When the first of what is still seen below `key` is gone.
    pub(in crate::simulator) fn lingers_until(self, key: &str, now: i64) -> rusqlite::Result<Option<i64>> {
        self.one(
            "SELECT min(until) FROM lingering WHERE until > ?2 AND key > ?1 || '/' AND key < ?1 || '0'",
            params![key, now],
            |row| row.get(0),
        )
        .map(Option::flatten)
    }
}
