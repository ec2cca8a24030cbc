module mytaek1.dev/fanout-viewers

go 1.22
