using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Networks;

/// <summary>Every network of the report against PyTorch: parameters to the unit, names, predictions, loss, gradients, running
/// statistics.</summary>
public sealed class ReferenceNetworkTests
{
    public static TheoryData<string> Networks =>
        [
            "baseline",
            "dilated",
            "joint-1conv",
            "joint",
            "branched",
            "distillation",
            "contour",
            "normals",
            "full",
            "canny",
            "pyramid",
            "resnet18",
            "excite",
        ];

    [Theory]
    [InlineData("baseline", 21_421_396)]
    [InlineData("dilated", 21_421_396)]
    [InlineData("joint-1conv", 25_474_372)]
    [InlineData("joint", 26_756_996)]
    [InlineData("branched", 32_183_220)]
    [InlineData("distillation", 36_949_960)]
    [InlineData("contour", 43_558_137)]
    [InlineData("normals", 43_562_747)]
    [InlineData("full", 50_170_924)]
    [InlineData("canny", 36_959_530)]
    public void Trainable_parameters_are_those_of_the_report(string name, long count)
    {
        var network = new ReferenceNetwork(name);
        Assert.Equal(count, network.Model.Training.TrainableCount);
        Assert.Equal(count, network.Expected.GetProperty("trainable").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void State_dict_has_the_names_and_shapes_of_PyTorchs(string name)
    {
        var network = new ReferenceNetwork(name);
        var found = network.Model.Training.Parameters.ToDictionary(p => p.Name, p => string.Join(", ", p.Dimensions));
        Assert.Equal(
            network.ExpectedState().OrderBy(p => p.Key, StringComparer.Ordinal),
            found.OrderBy(p => p.Key, StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Networks))]
    [Trait("device", "any")]
    public void Predictions_loss_and_statistics_agree(string name)
    {
        var network = new ReferenceNetwork(name);
        using var scope = NewDisposeScope();
        using var module = new GraphModule(network.Model.Training, device: TestDevice.Current);
        foreach (var parameter in network.Model.Training.Parameters)
            module.Parameters.Set(parameter.Name, ReferenceNetwork.Weight(parameter));

        module.eval();
        using (no_grad())
        {
            var outputs = module.forward(ReferenceNetwork.Pictures());
            ReferenceNetwork.Agree(network.Expected.GetProperty("evaluation"), outputs.GetValueOrDefault, 1e-5);
            Assert.Equal(network.Expected.GetProperty("evaluation").EnumerateObject().Count(), outputs.Count);
        }

        module.train();
        var trained = module.forward(ReferenceNetwork.Pictures());
        var loss = network.Loss(trained);
        loss.backward();
        ReferenceNetwork.Agree(network.Expected.GetProperty("training"), trained.GetValueOrDefault, 1e-4);
        Assert.Equal(network.Expected.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-5);
        ReferenceNetwork.Agree(network.Expected.GetProperty("statistics"), module.Parameters.Find, 1e-4);
        // In float32 a rounded activation may lie on the other side of a ReLU's kink, which moves single gradients: norms stay.
        foreach (var row in network.Expected.GetProperty("gradients").EnumerateObject())
        {
            var norm = row.Value[1].GetDouble();
            Assert.Equal(norm, module.Parameters[row.Name].grad!.norm().item<float>(), 0.03 * norm);
        }
    }

    [Theory]
    [InlineData("dilated")]
    [InlineData("full")]
    [InlineData("canny")]
    [InlineData("pyramid")]
    [InlineData("excite")]
    [Trait("device", "any")]
    public void Gradients_agree_in_double_precision(string name)
    {
        var network = new ReferenceNetwork(name);
        using var scope = NewDisposeScope();
        var (outputs, parameters) = DoubleRun.Train(network.Model.Training, ReferenceNetwork.Pictures());
        var loss = network.Loss(outputs);
        loss.backward();
        Assert.Equal(network.Expected.GetProperty("loss").GetDouble(), loss.item<double>(), 1e-6);
        ReferenceNetwork.Agree(network.Expected.GetProperty("training"), outputs.GetValueOrDefault, 1e-6);
        ReferenceNetwork.Agree(network.Expected.GetProperty("gradients"), key => parameters[key].grad, 1e-6);
    }
}
