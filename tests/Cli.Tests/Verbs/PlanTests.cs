using System.Text.Json;
using Mtlc.Runtime.Reports.Resources;

namespace Mtlc.Tests.Verbs;

/// <summary>`mtlc plan` plans for the device that its words mean.</summary>
public sealed class PlanTests : IDisposable
{
    readonly Command command = new();

    public PlanTests() => command.Write("tiny.mtl", Programs.Tiny);

    public void Dispose() => command.Dispose();

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:0")]
    [InlineData("cuda:1")]
    public void A_card_holds_the_tensors_alone(string device)
    {
        var (card, host) = (Plan(device), Plan("cpu"));
        Assert.Equal(host.GetProperty("activation_bytes").GetInt64(), card.GetProperty("activation_bytes").GetInt64());
        foreach (var beside in new[] { "process_bytes", "data_bytes", "checkpoint_bytes" })
        {
            Assert.True(host.GetProperty(beside).GetInt64() > 0);
            Assert.Equal(0, card.GetProperty(beside).GetInt64());
        }
        Assert.True(card.GetProperty("training_peak_bytes").GetInt64() < host.GetProperty("training_peak_bytes").GetInt64());
    }

    [Fact]
    public void Without_a_card_auto_is_the_processor()
    {
        Assert.SkipUnless(GpuCards.Find().Cards.IsEmpty, "there is a card here");
        Assert.Equal(Plan("cpu").GetRawText(), Plan("auto").GetRawText());
    }

    JsonElement Plan(string device)
    {
        var outcome = command.Run("plan", "tiny.mtl", "--no-calibration", "--device", device, "--format", "json");
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return JsonDocument.Parse(outcome.Output).RootElement;
    }
}
