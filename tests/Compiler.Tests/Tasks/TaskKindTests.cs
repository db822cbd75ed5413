using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Formatting;

namespace Mtlc.Tests.Tasks;

/// <summary>The table of kinds, and what the language says of them.</summary>
public class TaskKindTests
{
    public static TheoryData<string> Kinds => [.. TaskKind.All.Select(k => k.Word)];

    [Fact]
    public void Messages_name_the_kinds_in_one_order()
    {
        // With labels of their own first, and classes before depth; others may stand between.
        string[] first = ["segmentation", "depth", "contour", "normals"];
        Assert.Equal(first, TaskKind.All.Select(k => k.Word).Where(first.Contains));
        const string text = "model m {\n  task a:\n}\n";
        var expected =
            $"expected the kind of task ({string.Join(", ", TaskKind.All.Select(k => k.Word))}) after ':', found the "
            + $"end of the line";
        Assert.Contains(Programs.Compile(text).Diagnostics, d => d.Message == expected);
        var diagnostics = new DiagnosticBag();
        Formatter.Format(new("t.mtl", text), new(), diagnostics, TaskKind.Vocabulary);
        Assert.Equal([expected], diagnostics.ToSorted().Select(d => d.Message));
        // Who hands no words in still gets a sentence.
        var plain = new DiagnosticBag();
        Formatter.Format(new("t.mtl", text), new(), plain);
        Assert.Equal(["expected the kind of task after ':', found the end of the line"], plain.ToSorted().Select(d => d.Message));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_kind_can_be_trained_and_scored(string word)
    {
        var kind = TaskKind.Find(word)!;
        Assert.Same(kind, TaskKind.Of(kind.Task));
        Assert.NotEmpty(kind.Losses);
        Assert.NotEqual(MetricDirection.None, kind.Measures[0].Direction);
        Assert.Equal(MeasureDetail.None, kind.Measures[0].Detail);
        Assert.All(kind.Measures, m => Assert.Equal(m, Measure.Of(m.Key)));
        // Classes are told apart by logits, and the task says how many there are.
        Assert.Equal(kind.Target == TargetForm.Classes, kind.Task.IsSubclassOf(typeof(ClassTask)));
        if (kind.Origin is { } origin)
            Assert.Null(TaskKind.Of(origin).Origin);
    }

    [Fact]
    public void Words_of_losses_and_schemes_are_told_once()
    {
        var words = Loss.All.Select(l => l.Word).Concat(BalancingScheme.All.Select(s => s.Word)).ToList();
        Assert.Equal(words.Distinct(), words);
        Assert.Null(Loss.Find("pcgrad"));
        Assert.Throws<KeyNotFoundException>(() => BalancingScheme.Of("l1"));
    }
}
