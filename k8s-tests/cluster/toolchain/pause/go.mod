module mytaek1.dev/pause

go 1.21
