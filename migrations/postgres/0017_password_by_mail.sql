-- A password that was chosen with a link by mail: a code in that mailbox is no second factor beside it.
ALTER TABLE users ADD COLUMN password_by_mail BOOLEAN NOT NULL DEFAULT FALSE;
