-- mtl in Neovim from 0.7 on; to be read from init.lua. $MTLC names another command than the mtlc on PATH.
local command = vim.split(vim.env.MTLC or 'mtlc', ' ', { trimempty = true })
table.insert(command, 'lsp')

local group = vim.api.nvim_create_augroup('mtl', {})

vim.api.nvim_create_autocmd({ 'BufRead', 'BufNewFile' }, { group = group, pattern = '*.mtl', command = 'setfiletype mtl' })

local client
local function start(buffer, folder)
  if vim.lsp.start then
    return vim.lsp.start({ name = 'mtl', cmd = command, root_dir = folder }, { bufnr = buffer })
  end
  -- Neovim 0.7 attaches each buffer by hand.
  client = client or vim.lsp.start_client({ name = 'mtl', cmd = command, root_dir = folder })
  vim.lsp.buf_attach_client(buffer, client)
end

vim.api.nvim_create_autocmd('FileType', {
  group = group,
  pattern = 'mtl',
  callback = function(args)
    vim.bo[args.buf].commentstring = '# %s'
    vim.bo[args.buf].shiftwidth = 2
    vim.bo[args.buf].expandtab = true
    vim.bo[args.buf].omnifunc = 'v:lua.vim.lsp.omnifunc'
    -- Colours by tree-sitter, where parser/mtl.so is there.
    if vim.treesitter.start then
      pcall(vim.treesitter.start, args.buf, 'mtl')
    end
    start(args.buf, vim.fn.fnamemodify(vim.api.nvim_buf_get_name(args.buf), ':p:h'))
  end,
})
