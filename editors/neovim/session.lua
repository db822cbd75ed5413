-- A session of edits in a real client: nvim --headless -u NONE -S editors/neovim/session.lua
-- $MTLC is the command. It ends with 1 and says why where an answer is wrong, a message is an error, or diagnostics are stale.
local here = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')
local examples = vim.fn.fnamemodify(here .. '/../../examples', ':p')
local folder = vim.fn.resolve(vim.fn.tempname())
vim.fn.mkdir(folder, 'p')

local function say(text)
  io.stdout:write(text .. '\n')
end

local function stop(code)
  for _, client in ipairs(vim.lsp.get_active_clients()) do
    client.stop()
  end
  vim.wait(5000, function() return #vim.lsp.get_active_clients() == 0 end, 20)
  vim.fn.delete(folder, 'rf')
  vim.cmd('cquit ' .. code)
end

local function check(holds, text)
  if not holds then
    say('wrong: ' .. text)
    stop(1)
  end
  say('ok: ' .. text)
end

local function waited(holds, text)
  check(vim.wait(120000, holds, 10), text)
end

local function write(name, text)
  local file = assert(io.open(folder .. '/' .. name, 'wb'))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

write('recipe.mtl', read(examples .. 'recipe.mtl') .. '\nset trunk.dilate = [false, false, false]\n')
write('branched.mtl', read(examples .. 'branched.mtl'))
write('sweep.mtl', 'import "branched.mtl"\nsweep widths {\n  trunk.dilate: [[false, false, false], [false, false, true]]\n}\n')
write('report.mtl', 'report page {\n  one: table {\n    caption: "the trunk"\n    runs: sweep("sweep.mtl", widths)\n  }\n}\n')

-- What the server told last of each file, and of which version.
local told = {}
local publish = vim.lsp.handlers['textDocument/publishDiagnostics']
vim.lsp.handlers['textDocument/publishDiagnostics'] = function(err, result, context, config)
  told[vim.uri_to_fname(result.uri)] = result
  return publish(err, result, context, config)
end
local failures = {}
local rounds = tonumber(vim.env.MTLC_EDITS or 600)
vim.lsp.handlers['window/showMessage'] = function(_, result)
  table.insert(failures, result.message)
end

dofile(here .. '/init.lua')
vim.o.swapfile = false
vim.cmd('edit ' .. folder .. '/branched.mtl')
local buffer = vim.api.nvim_get_current_buf()
local path = vim.api.nvim_buf_get_name(buffer)
check(vim.bo[buffer].filetype == 'mtl', 'the file type is mtl')

local function fresh()
  return told[path] ~= nil and told[path].version == vim.lsp.util.buf_versions[buffer]
end

waited(fresh, 'diagnostics of the opened file')
check(#told[path].diagnostics == 0, 'there are none')

local function at(text, after)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 + (after or 0) })
      return
    end
  end
  check(false, text .. ' stands in the file')
end

local function ask(method, parameters)
  parameters = parameters or vim.lsp.util.make_position_params(0, 'utf-16')
  local answers, reason = vim.lsp.buf_request_sync(buffer, 'textDocument/' .. method, parameters, 60000)
  check(answers ~= nil, method .. ' is answered' .. (reason and ': ' .. reason or ''))
  for _, answer in pairs(answers) do
    check(answer.error == nil, method .. ' without an error')
    return answer.result
  end
end

at('encoder trunk', 8)
local hover = ask('hover')
check(hover.contents.value:find('parameters', 1, true) ~= nil, 'hover tells the parameters of the encoder')

at('aspp', 0)
local completion = ask('completion', vim.lsp.util.make_position_params(0, 'utf-16'))
local labels = vim.tbl_map(function(item) return item.label end, completion.items)
check(vim.tbl_contains(labels, 'decoder'), 'completion offers statements')

at('encoder trunk: ', #'encoder trunk: ')
vim.lsp.buf.definition()
waited(function() return vim.api.nvim_buf_get_name(0):find('resnet.mtl', 1, true) ~= nil end, 'the definition of the encoder opens')
check(vim.api.nvim_get_current_line():find('component resnet', 1, true) ~= nil, 'at its declaration')
vim.cmd('buffer ' .. buffer)

at('encoder trunk', 8)
check(#ask('references', vim.tbl_extend('force', vim.lsp.util.make_position_params(0, 'utf-16'), { context = { includeDeclaration = true } })) > 4, 'references in several files')

vim.lsp.buf.rename('backbone')
local function content(name)
  return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufadd(folder .. '/' .. name), 0, -1, false), '\n')
end
waited(function() return content('branched.mtl'):find('encoder backbone', 1, true) ~= nil end, 'the encoder has another name')
for _, name in ipairs({ 'branched.mtl', 'recipe.mtl', 'sweep.mtl' }) do
  vim.fn.bufload(vim.fn.bufadd(folder .. '/' .. name))
  local before, after = read(folder .. '/' .. name):gsub('\n$', ''), content(name)
  check(after ~= before and after:gsub('backbone', 'trunk') == before, 'in ' .. name .. ' nothing else changed')
end
check(vim.fn.bufnr(folder .. '/report.mtl') == -1, 'the caption of the report stays')
vim.cmd('silent wall')
waited(function() return fresh() and #told[path].diagnostics == 0 end, 'all is right after the renaming')

-- A mistake and its remedy.
at('encoder backbone: ', #'encoder backbone: ')
local row, column = unpack(vim.api.nvim_win_get_cursor(0))
vim.api.nvim_buf_set_text(buffer, row - 1, column, row - 1, column + 6, { 'resent' })
waited(function() return fresh() and #told[path].diagnostics == 1 end, 'a misspelt encoder is told of')
local wrong = told[path].diagnostics
local actions = ask('codeAction', {
  textDocument = vim.lsp.util.make_text_document_params(buffer),
  range = wrong[1].range,
  context = { diagnostics = wrong },
})
local remedy
for _, action in ipairs(actions) do
  remedy = remedy or (action.kind == 'quickfix' and action)
end
check(remedy, 'with a quick fix')
vim.lsp.util.apply_workspace_edit(remedy.edit, 'utf-16')
waited(function() return fresh() and #told[path].diagnostics == 0 end, 'which mends it')

-- Spaces are put right.
at('encoder backbone: ', 7)
vim.api.nvim_buf_set_text(buffer, row - 1, 0, row - 1, 0, { '    ' })
local edits = ask('formatting', vim.lsp.util.make_formatting_params())
vim.lsp.util.apply_text_edits(edits, buffer, 'utf-16')
check(vim.api.nvim_buf_get_lines(buffer, row - 1, row, false)[1]:find('^  encoder backbone') ~= nil, 'formatting')

-- Edits (600, or $MTLC_EDITS), with errors in between; one of three asks for something.
local pieces = {
  'backbone', ' ', '\n', '{', '}', '[', ')', ':', '->', '+ skip backbone/4', 'let a = ', '#', '"',
  'decoder x: backbone -> depth\n', '0.5 * ', 'é', '𝔘',
}
local reads = { 'hover', 'completion', 'definition', 'signatureHelp', 'documentHighlight' }
local seed = 20261129
local function random(below)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return math.floor(seed / 65536) % below
end
-- A place between two characters, as a row from 0 and a byte.
local function place()
  local line_number = random(vim.api.nvim_buf_line_count(buffer))
  local line = vim.api.nvim_buf_get_lines(buffer, line_number, line_number + 1, false)[1]
  local byte = random(#line + 1)
  while byte > 0 and byte < #line and line:byte(byte + 1) >= 0x80 and line:byte(byte + 1) < 0xC0 do
    byte = byte - 1
  end
  return line_number, byte
end
local answers, asked = 0, 0
for number = 1, rounds do
  local from, byte = place()
  local to, last = from, byte
  if random(4) == 0 then
    local line = vim.api.nvim_buf_get_lines(buffer, from, from + 1, false)[1]
    last = math.min(#line, byte + random(30))
    while last < #line and line:byte(last + 1) >= 0x80 and line:byte(last + 1) < 0xC0 do
      last = last + 1
    end
  end
  local piece = (last > byte and random(3) == 0) and '' or pieces[random(#pieces) + 1]
  vim.api.nvim_buf_set_text(buffer, from, byte, to, last, vim.split(piece, '\n', { plain = true }))
  if number % 3 == 0 then
    asked = asked + 1
    local where = { random(vim.api.nvim_buf_line_count(buffer)), 0 }
    vim.lsp.buf_request(buffer, 'textDocument/' .. reads[random(#reads) + 1], {
      textDocument = vim.lsp.util.make_text_document_params(buffer),
      position = { line = where[1], character = where[2] },
    }, function(err)
      answers = answers + 1
      -- The text has changed meanwhile.
      if err and err.code ~= -32801 and err.code ~= -32800 then
        table.insert(failures, err.message)
      end
    end)
  end
  vim.wait(5, function() return false end, 1)
end
waited(function() return answers == asked end, asked .. ' requests among ' .. rounds .. ' edits are answered')
waited(fresh, 'diagnostics of the last version')

-- A server that reads the text for the first time says the same.
local function sorted(diagnostics)
  local lines = vim.tbl_map(function(d)
    return ('%d:%d %s %s'):format(d.range.start.line, d.range.start.character, d.code, d.message)
  end, diagnostics)
  table.sort(lines)
  return table.concat(lines, '\n')
end
local before = sorted(told[path].diagnostics)
check(before ~= '', #told[path].diagnostics .. ' diagnostics at the end')
vim.cmd('silent wall')
for _, client in ipairs(vim.lsp.get_active_clients()) do
  client.stop()
end
waited(function() return #vim.lsp.get_active_clients() == 0 end, 'the server ends when it is told to')
told = {}
local second = vim.lsp.start_client({ name = 'second', cmd = vim.split((vim.env.MTLC or 'mtlc') .. ' lsp', ' '), root_dir = folder })
vim.lsp.buf_attach_client(buffer, second)
waited(fresh, 'a second server tells of the file')
check(sorted(told[path].diagnostics) == before, 'the same as the first after ' .. rounds .. ' edits')
check(#failures == 0, 'no message is an error' .. (failures[1] and ': ' .. failures[1] or ''))
stop(0)
