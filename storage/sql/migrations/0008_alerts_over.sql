-- Whether somebody was told that an alert is over, apart from whether it is: telling may fail.
ALTER TABLE alerts ADD COLUMN over_sent_at TIMESTAMPTZ;
-- Those that ended before this was kept were told then, or not at all: too late to tell now.
UPDATE alerts SET over_sent_at = ended_at WHERE ended_at IS NOT NULL AND sent_at IS NOT NULL;
COMMENT ON COLUMN alerts.over_sent_at IS 'When somebody was told that it is over (UTC). NULL: it goes on, nobody was told that it began, or nobody could be reached yet.';
