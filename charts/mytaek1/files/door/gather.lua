-- The cache's lock. Whoever asks for what is not in the cache yet waits for the first who did, and all of them are told in
-- the moment it is there. nginx's own proxy_cache_lock looks only every 500 ms, which is as long as a part.
local semaphore = require 'ngx.semaphore'

local hold_seconds = 25 -- the edge gives up a request before
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
  ngx.status = answer and answer.status or 503
  for _, name in ipairs { 'content-type', 'cache-control', 'retry-after' } do
    ngx.header[name] = answer and answer.fields[name]
  end
  ngx.header['Access-Control-Allow-Origin'] = '*'
  ngx.print(answer and answer.body or '')
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

-- Puts a target into the cache, by a request of its own that no viewer's slow line holds up and no viewer's end ends. A
-- connection to fetch.conf and no subrequest: those are not to be had for HTTP/2.
local function fetch(target)
  local socket = ngx.socket.tcp()
  socket:settimeouts(2000, 5000, hold_seconds * 1000)
  if not socket:connect('127.0.0.1', tonumber(ngx.var.fetch_port)) then return nil end
  local from = ngx.var.forwarded_for
  local lines = { 'GET ' .. target .. ' HTTP/1.0', 'Host: door', 'X-Forwarded-For: ' .. from, '', '' }
  local answer = socket:send(table.concat(lines, '\r\n')) and read_answer(socket) or nil
  socket:close()
  return answer
end

return function()
  local target = ngx.var.target
  if known[target] or older[target] or ngx.req.get_method() ~= 'GET' then return end
  local gathering = gatherings[target]
  if gathering then
    gathering.waiting = gathering.waiting + 1
    gathering.done:wait(hold_seconds)
  else
    gathering = { done = semaphore.new(0), waiting = 0 }
    gatherings[target] = gathering
    local ok, answer = pcall(fetch, target) -- whatever happens, who waits goes on
    gathering.answer = ok and answer or nil
    if not ok then ngx.log(ngx.ERR, answer) end
    gatherings[target] = nil
    if gathering.answer and gathering.answer.status == 200 then note(target) end
    if gathering.waiting > 0 then gathering.done:post(gathering.waiting) end
  end
  if not gathering.answer or gathering.answer.status ~= 200 then return refuse(gathering.answer) end
end
