-- The cache's lock. Whoever asks for what is not in the cache yet waits for the first who did, and all of them are told in
-- the moment it is there. nginx's own proxy_cache_lock looks only every 500 ms, which is as long as a part.
local semaphore = require 'ngx.semaphore'

local hold_seconds = 25 -- the edge gives up a request before
local tell_seconds = 3 -- the edge takes a viewer of whom it hears nothing for 6 s for gone
local told_at_once = 100
local most_known = 8192

local gatherings = {} -- by target: who waits for it, and what came of it
local known, older, count = {}, {}, 0 -- targets that the cache has; two generations, so that neither grows for ever

local function note(target)
  if count >= most_known then older, known, count = known, {}, 0 end
  known[target] = true
  count = count + 1
end

-- What the edge refused one of them, it refuses all of them.
local function refuse(answer)
  answer = answer or { status = 503, fields = { ['retry-after'] = '1', ['cache-control'] = 'no-store' } }
  ngx.status = answer.status
  for _, name in ipairs { 'content-type', 'cache-control', 'retry-after' } do
    ngx.header[name] = answer.fields[name]
  end
  ngx.header['Access-Control-Allow-Origin'] = '*'
  ngx.print(answer.body or '')
  return ngx.exit(ngx.HTTP_OK)
end

-- Reads an answer to its end, by when the cache has it; keeps the body of a refusal only.
local function read_answer(socket)
  local status = tonumber((socket:receive('*l') or ''):match('^HTTP/1%.%d (%d%d%d)'))
  if not status then return nil end
  local fields = {}
  for line in function() return socket:receive('*l') end do
    if line == '' then break end
    local name, value = line:match('^([^:]+):%s*(.-)%s*$')
    if name then fields[name:lower()] = value end
  end
  if status ~= 200 then return { status = status, fields = fields, body = socket:receive('*a') } end
  repeat
    local data = socket:receive(65536)
  until not data
  return { status = status, fields = fields }
end

local function connect()
  local socket = ngx.socket.tcp()
  socket:settimeouts(2000, 5000, hold_seconds * 1000)
  return socket:connect('127.0.0.1', tonumber(ngx.var.fetch_port)) and socket
end

-- Puts a target into the cache, by a request of its own that no viewer's slow line holds up and no viewer's end ends. A
-- connection to fetch.conf and no subrequest: those are not to be had for HTTP/2.
local function fetch(target)
  local socket = connect()
  if not socket then return nil end
  local from = ngx.var.forwarded_for
  local lines = { 'GET ' .. target .. ' HTTP/1.0', 'Host: door', 'X-Forwarded-For: ' .. from, '', '' }
  local answer = socket:send(table.concat(lines, '\r\n')) and read_answer(socket) or nil
  socket:close()
  return answer
end

-- How the log calls whoever asks. What no edge would read is not sent.
local function viewer()
  local cookie = ngx.var.cookie_mytaek1_viewer or '-'
  return (#cookie <= 64 and cookie or '-') .. ' ' .. ngx.var.forwarded_for:sub(-1024)
end

-- Tells the edge who waits on: a request for each to fetch.conf, whose log does it. All over one connection: thousands who
-- wait must not take as many places again. The number is what one viewer is told by once.
local function tell(target, viewers)
  local socket = connect()
  if not socket then return end
  local tick = math.floor(ngx.now() / tell_seconds)
  for first = 1, #viewers, told_at_once do
    local last = math.min(first + told_at_once - 1, #viewers)
    local requests = {}
    for index = first, last do
      local line = tick .. ' ' .. target .. ' ' .. viewers[index]
      requests[#requests + 1] = 'GET /waits HTTP/1.1\r\nHost: door\r\nX-Line: ' .. line .. '\r\n\r\n'
    end
    if not socket:send(table.concat(requests)) then break end
    for _ = first, last do
      repeat
        local line = socket:receive('*l')
      until not line or line == ''
    end
  end
  socket:close()
end

-- Fetches for all who wait, and lets them go on; tells of them meanwhile if they are counted.
local function gather(target, counts)
  local gathering = { done = semaphore.new(0), waiting = 0, viewers = counts and { viewer() } or nil }
  gatherings[target] = gathering
  local here = semaphore.new(0)
  ngx.thread.spawn(function()
    local ok, answer = pcall(fetch, target) -- whatever happens, who waits goes on
    gathering.answer = ok and answer or nil
    if not ok then ngx.log(ngx.ERR, answer) end
    gatherings[target] = nil
    if gathering.answer and gathering.answer.status == 200 then note(target) end
    if gathering.waiting > 0 then gathering.done:post(gathering.waiting) end
    here:post(1)
  end)
  while not here:wait(tell_seconds) do
    if gathering.viewers then tell(target, gathering.viewers) end
  end
  return gathering
end

-- `counts`: who asks for such a thing is watching.
return function(counts)
  local target = ngx.var.target
  if known[target] or older[target] or ngx.req.get_method() ~= 'GET' then return end
  local gathering = gatherings[target]
  if gathering then
    gathering.waiting = gathering.waiting + 1
    if gathering.viewers then table.insert(gathering.viewers, viewer()) end
    gathering.done:wait(hold_seconds)
  else
    gathering = gather(target, counts)
  end
  if not gathering.answer or gathering.answer.status ~= 200 then return refuse(gathering.answer) end
end
