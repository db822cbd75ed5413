using System.Text;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.TensorBoard;

namespace Mtlc.Tests.Reports;

public sealed class EventFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-events").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // RFC 3720, B.4: the CRC32C of 32 zero bytes is 8a9136aa; TFRecord masks it.
    [Fact]
    public void The_checksum_is_the_masked_crc32c()
    {
        const uint crc = 0x8a9136aa;
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8), RecordFraming.MaskedCrc(new byte[32]));
        Assert.Equal(
            EventReader.MaskedCrc([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            RecordFraming.MaskedCrc([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        );
    }

    [Fact]
    public void Scalars_images_and_histograms_read_back()
    {
        using (var file = new EventFile(folder, _ => true))
        {
            file.Write(7, Summaries.Scalar("train/loss", 0.25), Summaries.Scalar("train/rate", 2));
            file.Write(300, Summaries.Image("samples", new Picture(3, 5, new byte[45]), [1, 2, 3]));
            file.Write(301, new Summary.Types.Value { Tag = "weights/a", Histo = Summaries.Histogram([0, 1, 30, float.NaN]) });
        }
        Assert.Contains(".tfevents.", Assert.Single(Directory.GetFiles(folder)), StringComparison.Ordinal);
        var events = EventReader.Events(folder);
        Assert.Equal(5, events.Count);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((Tensorboard.SessionLog.Types.SessionStatus.Start, 0L), (events[1].SessionLog.Status, events[1].Step));
        Assert.Equal(7, events[2].Step);
        Assert.Equal([("train/loss", 0.25f), ("train/rate", 2f)], events[2].Summary.Value.Select(v => (v.Tag, v.SimpleValue)));
        var image = Assert.Single(events[3].Summary.Value).Image;
        Assert.Equal((300L, 3, 5, 3), (events[3].Step, image.Height, image.Width, image.Colorspace));
        Assert.Equal([1, 2, 3], image.EncodedImageString.ToByteArray());
        var histogram = Assert.Single(events[4].Summary.Value).Histo;
        Assert.Equal((0, 30, 3, 31, 901), (histogram.Min, histogram.Max, histogram.Num, histogram.Sum, histogram.SumSquares));
        Assert.Equal(Enumerable.Range(1, 30).Select(i => (double)i), histogram.BucketLimit);
        Assert.Equal([1, 1, .. Enumerable.Repeat(0.0, 27), 1], histogram.Bucket);
        Assert.InRange(events[4].WallTime, 1.7e9, 1e11);
    }

    [Fact]
    public void A_histogram_counts_every_finite_value_once()
    {
        var random = new Random(1);
        float[] values =
        [
            .. Enumerable.Range(0, 10_000).Select(_ => (float)Math.Tan(random.NextDouble() * 3)),
            float.NaN,
            float.PositiveInfinity,
            float.NegativeInfinity,
        ];
        var histogram = Summaries.Histogram(values);
        Assert.Equal(10_000, histogram.Num);
        Assert.Equal(10_000, histogram.Bucket.Sum());
        Assert.Equal(histogram.Bucket.Count, histogram.BucketLimit.Count);
        Assert.Equal(histogram.BucketLimit.Order(), histogram.BucketLimit);
        Assert.Equal(values.Where(float.IsFinite).Max(), histogram.BucketLimit[^1]);
        var edge = histogram.BucketLimit[11];
        Assert.Equal(values.Count(v => float.IsFinite(v) && v < edge), histogram.Bucket.Take(12).Sum());

        Assert.Equal([4.0], Summaries.Histogram([2, 2, 2, 2]).Bucket);
        Assert.Equal(0, Summaries.Histogram([float.NaN]).Num);
        Assert.Equal(2, Summaries.Histogram([float.MinValue, float.MaxValue]).Bucket.Sum());
    }

    // Fields by number, as in tensorboard/plugins/hparams: plugin_data.proto, api.proto; google/protobuf/struct.proto.
    [Fact]
    public void Settings_are_hyperparameters_and_the_run_is_a_session()
    {
        var settings = RunSettings.Parse(
            "model: m\noverrides: ['train.optimizer.lr=0.5']\ndata:\n  workers: 2\ntrain:\n  amp: false\n  optimizer:\n    "
                + "kind: adam\n    lr: 0.5\n",
            "config.yaml"
        );
        using (var file = new EventFile(folder, _ => true))
            file.Write(
                0,
                HParams.Experiment(settings, ["multitask", "semseg/iou/road", "depth/rmse"]),
                HParams.Start(settings),
                HParams.End(TrainingOutcome.Diverged)!
            );

        var values = EventReader.Events(folder)[2].Summary.Value;
        Assert.All(values, v => Assert.Equal("hparams", v.Metadata.PluginData.PluginName));
        Assert.Equal(
            ["_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"],
            values.Select(v => v.Tag)
        );
        var experiment = EventReader.AllFields(Content(0, 2)).ToLookup(f => f.Number, f => f.Value);
        var infos = experiment[4]
            .Select(i => EventReader.Fields((byte[])i))
            .ToDictionary(i => Text(i[1]), i => ((long)i[4], i.GetValueOrDefault(7, 0L)));
        Assert.Equal((3L, 1L), infos["train.optimizer.lr"]); // float64, differs
        Assert.Equal((1L, 0L), infos["train.optimizer"]); // string
        Assert.Equal((2L, 0L), infos["train.amp"]); // bool
        Assert.Equal(
            ["validation/multitask", "validation/depth/rmse"],
            experiment[5].Select(m => Text(EventReader.Fields((byte[])EventReader.Fields((byte[])m)[1])[2]))
        );
        var hparams = EventReader
            .AllFields(Content(1, 3))
            .Where(f => f.Number == 1)
            .Select(f => EventReader.Fields((byte[])f.Value))
            .ToDictionary(f => Text(f[1]), f => EventReader.Fields((byte[])f[2]));
        Assert.Equal(infos.Keys.Order(), hparams.Keys.Order());
        Assert.Equal(0.5, hparams["train.optimizer.lr"][2]);
        Assert.Equal(2.0, hparams["data.workers"][2]);
        Assert.Equal("adam", Text(hparams["train.optimizer"][3]));
        Assert.Equal(0L, hparams["train.amp"][4]);
        Assert.Equal(2L, EventReader.Fields(Content(2, 4))[1]); // STATUS_FAILURE
        Assert.Null(HParams.End(TrainingOutcome.Stopped));

        byte[] Content(int value, int field) =>
            (byte[])EventReader.Fields(values[value].Metadata.PluginData.Content.ToByteArray())[field];
        static string Text(object bytes) => Encoding.UTF8.GetString((byte[])bytes);
    }

    [Fact]
    public void A_file_that_goes_on_keeps_what_it_should_and_replaces_the_earlier_ones()
    {
        Continue(_ => true, 1, 2, 3, 4);
        Cut(3); // killed while writing step 4
        Continue(e => e.Step <= 2, 3, 4);

        Assert.Single(Directory.GetFiles(folder));
        Assert.Equal([1L, 2, 3, 4], EventReader.Values(folder).Select(v => v.Step));
        Assert.Equal(Tensorboard.SessionLog.Types.SessionStatus.Start, EventReader.Events(folder)[1].SessionLog.Status);
    }

    // Killed between making the new file and deleting the old: both are there.
    [Fact]
    public void A_file_that_begins_anew_overrules_those_before_it()
    {
        Continue(_ => true, 1, 2, 3);
        var old = Directory.GetFiles(folder).Single();
        var copy = File.ReadAllBytes(old);
        Continue(e => e.Step <= 2, 3);
        File.WriteAllBytes(old, copy);
        Continue(e => e.Step <= 2, 3, 4);

        Assert.Single(Directory.GetFiles(folder));
        Assert.Equal([1L, 2, 3, 4], EventReader.Values(folder).Select(v => v.Step));
    }

    void Continue(Predicate<Event> keeps, params long[] steps)
    {
        Thread.Sleep(5); // names tell milliseconds
        using var file = new EventFile(folder, keeps);
        foreach (var step in steps)
            file.Write(step, Summaries.Scalar("a", step));
    }

    void Cut(int bytes)
    {
        using var file = new FileStream(Directory.GetFiles(folder).Single(), FileMode.Open);
        file.SetLength(file.Length - bytes);
    }
}
