-- Keys are those of one space for all forms of assertions. Earlier versions do not look for them, so this changes nothing but
-- the version of the store, which they refuse then.
UPDATE forgotten SET until = until;
