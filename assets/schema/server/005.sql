-- What a user has here, files and bytes, is asked for with every part that comes; requests to an account, when it is deleted.

CREATE INDEX files_of_owner ON files (owner, stored);
CREATE INDEX chats_pending_to ON chats (participant_id) WHERE state = 0;
