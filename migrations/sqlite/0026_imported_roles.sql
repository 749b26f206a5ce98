-- The realm that an import brought a role from, until somebody changes the role: an import gives no others.
ALTER TABLE role ADD COLUMN imported_from TEXT;
