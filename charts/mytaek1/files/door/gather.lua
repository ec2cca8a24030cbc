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
  for _, name in ipairs { 'Content-Type', 'Cache-Control', 'Retry-After' } do
    ngx.header[name] = answer and answer.header[name]
  end
  ngx.header['Access-Control-Allow-Origin'] = '*'
  ngx.print(answer and answer.body or '')
  return ngx.exit(ngx.HTTP_OK)
end

-- Puts a target into the cache. A request of its own, that no viewer's slow line holds up and no viewer's end ends.
local function fetch(target)
  local ok, answer = pcall(ngx.location.capture, '/fetch' .. target)
  return ok and not answer.truncated and answer or nil
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
    gathering.answer = fetch(target)
    gatherings[target] = nil
    if gathering.answer and gathering.answer.status == 200 then note(target) end
    if gathering.waiting > 0 then gathering.done:post(gathering.waiting) end
  end
  if not gathering.answer or gathering.answer.status ~= 200 then return refuse(gathering.answer) end
end
