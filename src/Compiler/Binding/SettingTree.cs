using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// Settings as a tree of names, so that `optimizer: adam { lr: 1e-4 }`, `optimizer.lr: 1e-4` and `set train.optimizer.lr = 1e-4`
/// meet in one place and pass the same checks.
/// </summary>
public sealed class SettingTree
{
    /// <summary>The value itself, or the choice in `adam { lr: 1e-4 }`; null where only settings below it are given.</summary>
    public ExpressionSyntax? Head { get; private set; }

    /// <summary>Where the name was written.</summary>
    public SourceSpan? Span { get; private set; }

    public Dictionary<string, SettingTree> Children { get; } = new(StringComparer.Ordinal);

    public static SettingTree From(SettingsSyntax? settings, Action<SettingSyntax, SettingTree>? onDuplicate = null)
    {
        var tree = new SettingTree { Span = settings?.Span };
        tree.Add(settings, onDuplicate);
        return tree;
    }

    /// <summary>Adds the settings of a `{ }`; a name twice is told to <paramref name="onDuplicate"/>, and the first
    /// stays.</summary>
    public void Add(SettingsSyntax? settings, Action<SettingSyntax, SettingTree>? onDuplicate = null)
    {
        foreach (var setting in settings?.Items ?? [])
        {
            var node = this;
            foreach (var part in setting.Key.Parts)
                node = node.Child(part.Text, part.Span);
            if (node.Head is not null || (setting.Key.Parts.Length == 1 && node.Children.Count > 0))
            {
                onDuplicate?.Invoke(setting, node);
                continue;
            }
            node.Span = setting.Key.Span;
            node.Fill(setting.Value, onDuplicate);
        }
    }

    /// <summary>Replaces the value at a path with everything below it; `.0` replaces an item of a list.</summary>
    /// <returns>null, or the part of the path that does not fit: an index into something that is no list or too short.</returns>
    public NameSyntax? Set(
        ReadOnlySpan<NameSyntax> path,
        ExpressionSyntax value,
        Action<SettingSyntax, SettingTree>? onDuplicate = null
    )
    {
        if (path.IsEmpty)
        {
            Children.Clear();
            Head = null;
            Fill(value, onDuplicate);
            return null;
        }
        if (int.TryParse(path[0].Text, out var index))
        {
            if (path.Length > 1 || Head is not ListSyntax list || index >= list.Items.Length)
                return path[0];
            Head = list with { Items = list.Items.SetItem(index, value) };
            return null;
        }
        if (!Children.TryGetValue(path[0].Text, out var child))
            child = new();
        if (child.Set(path[1..], value, onDuplicate) is { } misfit)
            return misfit;
        child.Span = path[0].Span;
        Children[path[0].Text] = child;
        return null;
    }

    void Fill(ExpressionSyntax value, Action<SettingSyntax, SettingTree>? onDuplicate)
    {
        if (value is ConfiguredSyntax configured)
        {
            Head = configured.Head;
            Add(configured.Settings, onDuplicate);
        }
        else
        {
            Head = value;
        }
    }

    SettingTree Child(string name, SourceSpan span)
    {
        if (!Children.TryGetValue(name, out var child))
            Children[name] = child = new() { Span = span };
        return child;
    }
}
