using System.Globalization;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>The fixed validation samples of each run, epoch by epoch, under a slider.</summary>
static class SampleSection
{
    const int MostRuns = 12,
        MostEpochs = 10,
        WidestPicture = 1400,
        Quality = 78;

    public static string Write(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        var pictured = runs.Where(r => r.Samples.Length > 0).ToList();
        foreach (var (run, index) in pictured.Take(MostRuns).Select((r, i) => (r, i)))
        {
            var samples = Spread([.. run.Samples]);
            var number = index.ToString(CultureInfo.InvariantCulture);
            var last = (samples.Count - 1).ToString(CultureInfo.InvariantCulture);
            page.Raw($"<figure class=\"samples\"><figcaption>{Html.Escape(labels[run])}</figcaption>");
            if (samples.Count > 1)
            {
                page.Raw(
                    $"<label>Evaluation <input type=\"range\" min=\"0\" max=\"{last}\" value=\"{last}\" step=\"1\" "
                        + $"aria-label=\"Evaluation shown for {Html.Escape(labels[run])}\" data-samples=\"{number}\"> "
                        + $"<output data-output=\"{number}\">{Html.Escape(samples[^1].Title)}</output></label>"
                );
            }
            page.Raw(
                $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Pictures of {Html.Escape(labels[run])}\">"
            );
            for (var i = 0; i < samples.Count; i++)
            {
                page.Raw(
                    $"<img data-strip=\"{number}\" "
                        + $"data-title=\"{Html.Escape(samples[i].Title)}\"{(i < samples.Count - 1 ? " hidden" : "")} "
                        + $"alt=\"Validation samples of {Html.Escape(labels[run])}, {Html.Escape(samples[i].Title)}: picture, "
                        + $"then label and prediction of each task\" src=\"{Embed(samples[i].Path)}\">"
                );
            }
            page.Raw("</div></figure>");
        }
        if (pictured.Count > MostRuns)
            page.Element(
                "p",
                FormattableString.Invariant(
                    $"Pictures of {pictured.Count - MostRuns} more runs lie in their folders (samples/)."
                ),
                "class=\"note\""
            );
        return page.ToString();
    }

    /// <summary>At most so many, evenly spaced, with the first and the last.</summary>
    static List<(string Title, string Path)> Spread(List<(string Title, string Path)> all) =>
        all.Count <= MostEpochs
            ? all
            : [.. Enumerable.Range(0, MostEpochs).Select(i => all[(int)Math.Round(i * (all.Count - 1.0) / (MostEpochs - 1))])];

    static string Embed(string path)
    {
        var picture = Picture.Load(path);
        var scale = Math.Min(1, (double)WidestPicture / picture.Width);
        var shown = scale == 1 ? picture : picture.ResizeBilinear((int)(picture.Height * scale), (int)(picture.Width * scale));
        return $"data:image/jpeg;base64,{Convert.ToBase64String(shown.ToJpeg(Quality))}";
    }
}
