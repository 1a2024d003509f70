-- What left the menus long ago is forgotten by the worker, the longest gone first.
CREATE INDEX menu_rows_left_oldest ON menu_rows_left (left_at);
