-- How many chats somebody has asked for lately, whatever became of them.
CREATE INDEX chats_by_date ON chats (admin_id, date);
