using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Dfa;
using Antlr4.Runtime.Sharpen;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Parsing;

namespace Mtlc.Tests.Parsing;

public class ProgramTests
{
    public static TheoryData<string> Programs => new(Cases.Names());

    [Theory]
    [MemberData(nameof(Programs))]
    public void Programs_are_read_without_a_word(string name)
    {
        var diagnostics = new DiagnosticBag();
        var tree = SyntaxTree.Parse(Cases.Read(name), diagnostics);
        Assert.Empty(diagnostics.ToSorted());
        Assert.NotEmpty(tree.Declarations);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_grammar_has_one_reading_and_looks_three_tokens_ahead(string name)
    {
        var parser = new MtlParser(new CommonTokenStream(new MtlLexer(new AntlrInputStream(Cases.Read(name).Content))))
        {
            Profile = true,
        };
        parser.Interpreter.PredictionMode = PredictionMode.LL_EXACT_AMBIG_DETECTION;
        parser.RemoveErrorListeners();
        parser.AddErrorListener(new NoAmbiguity());
        parser.file();
        Assert.Equal(0, parser.NumberOfSyntaxErrors);
        Assert.All(parser.ParseInfo.getDecisionInfo(), d => Assert.InRange(Math.Max(d.SLL_MaxLook, d.LL_MaxLook), 0, 3));
    }

    [Fact]
    public void Components_may_call_something_skip()
    {
        var diagnostics = new DiagnosticBag();
        SyntaxTree.Parse(
            new(
                "merge.mtl",
                "component merge(x, skip) {\n  let near = conv(skip, channels(x))\n  return skip |> conv(8, width: "
                    + "skip) + near\n}"
            ),
            diagnostics
        );
        Assert.Empty(diagnostics.ToSorted());
    }

    sealed class NoAmbiguity : BaseErrorListener
    {
        public override void ReportAmbiguity(
            Parser recognizer,
            DFA dfa,
            int startIndex,
            int stopIndex,
            bool exact,
            BitSet ambigAlts,
            ATNConfigSet configs
        ) =>
            Assert.Fail(
                $"two readings of "
                    + $"{((CommonTokenStream)recognizer.InputStream).GetText(Antlr4.Runtime.Misc.Interval.Of(startIndex, stopIndex))}"
            );
    }
}
